import test from "ava";
import { decodeUtf8, encodeUtf8 } from "../../src/gob/index.ts";
import { fromHex, toHex } from "./hex.ts";

const cases: readonly (readonly [string, string, string])[] = [
  ["nothing", "", ""],
  ["ascii", "61 7f 00", "a\x7f\0"],
  ["two, three and four bytes", "c3a9 e697a5 f09f9880", "é日😀"],
  ["a leading BOM", "efbbbf 61", "\ufeffa"],
  ["U+FFFD itself", "efbfbd", "\ufffd"],
  ["U+FFFD beside a bad byte", "efbfbd ff", "\ufffd\udcff"],
  ["a bad byte", "61 ff 62", "a\udcffb"],
  ["a cut sequence", "e282", "\udce2\udc82"],
  ["an overlong one", "c080", "\udcc0\udc80"],
  ["a surrogate", "eda080", "\udced\udca0\udc80"],
  ["beyond Unicode", "f4908080", "\udcf4\udc90\udc80\udc80"],
  ["a continuation alone", "80", "\udc80"],
];

for (const [name, hex, text] of cases) {
  test(`text: ${name} goes to text and back`, (t) => {
    t.is(decodeUtf8(fromHex(hex)), text);
    t.is(toHex(encodeUtf8(text)), hex.replaceAll(" ", ""));
    const long = "x".repeat(100);
    t.is(decodeUtf8(fromHex(`${toHex(encodeUtf8(long))}${hex}`)), long + text);
    t.is(toHex(encodeUtf8(long + text)), `${toHex(encodeUtf8(long))}${hex.replaceAll(" ", "")}`);
  });
}

test("text: lone surrogates that carry no byte become U+FFFD", (t) => {
  t.is(toHex(encodeUtf8("\ud800")), "efbfbd");
  t.is(toHex(encodeUtf8("\udc7f\udd00")), "efbfbdefbfbd");
});

test("text: every byte, and every pair of bytes, survives", (t) => {
  for (let first = 0; first < 256; first++) {
    for (let second = 0; second < 256; second += 7) {
      const bytes = new Uint8Array([first, second]);
      t.deepEqual(encodeUtf8(decodeUtf8(bytes)), bytes);
    }
  }
});
