import { readFileSync } from "node:fs";
import test from "ava";
import fc from "fast-check";
import {
  byteLength,
  cutText,
  escapedJson,
  escapeText,
  quoteAsGo,
  textLimit,
} from "../../src/go-text/index.ts";
import { decodeUtf8 } from "../../src/gob/index.ts";

test("go-text: quoteAsGo escapes the characters that Go's %q escapes", (t) => {
  t.is(
    quoteAsGo('a"\\\n\x00\x7f\xad\u2028é😀\u{e0001}\udcff\ud800'),
    '"a\\"\\\\\\n\\x00\\x7f\\u00ad\\u2028é😀\\U000e0001\\xff\ufffd"',
  );
});

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.integer({ min: 0x80, max: 0xff }), { maxLength: 2_000 })
    .map((bytes) => String.fromCharCode(...bytes.map((byte) => 0xdc00 + byte))),
);

type Range = readonly [first: number, last: number];

/** Go's way of quoting, written by interop/go-text/main.go. */
const go = JSON.parse(
  readFileSync(new URL("../../fixtures/go-text/quoted.json", import.meta.url), "utf8"),
) as {
  readonly printable: readonly Range[];
  /** Unassigned in Go's version of Unicode: the engine's may be newer and print them. */
  readonly unassigned: readonly Range[];
  readonly quoted: readonly (readonly [hex: string, quoted: string])[];
};

/** The code points of some ranges, as a table. */
function codePoints(ranges: readonly Range[]): Uint8Array {
  const table = new Uint8Array(0x110000);
  for (const [first, last] of ranges) table.fill(1, first, last + 1);
  return table;
}

const printable = codePoints(go.printable);
const unassigned = codePoints(go.unassigned);

test("go-text: quoteAsGo prints and escapes each character that Go's version of Unicode has as Go does", (t) => {
  const different: string[] = [];
  for (let code = 0; code < 0x110000; code++) {
    if ((code >= 0xd800 && code <= 0xdfff) || unassigned[code] === 1) continue;
    const character = String.fromCodePoint(code);
    if (character === '"' || character === "\\") continue;
    const asItIs = quoteAsGo(character) === `"${character}"`;
    if (asItIs !== (printable[code] === 1)) different.push(code.toString(16));
  }
  t.deepEqual(different, []);
});

for (const [hex, quoted] of go.quoted) {
  test(`go-text: quoteAsGo gives Go's text for the bytes ${hex.slice(0, 40)}`, (t) => {
    const text = decodeUtf8(new Uint8Array(Buffer.from(hex, "hex")));
    if ([...text].some((character) => unassigned[character.codePointAt(0)!] === 1)) return t.pass();
    t.is(quoteAsGo(text), quoted);
  });
}

/** The quoted form by the rules of strconv.Quote, and Go's own table of printable characters. */
function reference(text: string): string {
  const short = new Map(
    Object.entries({ "\x07": "a", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v" }),
  );
  const hex = (code: number, width: number): string => code.toString(16).padStart(width, "0");
  const pieces = Array.from(text, (character) => {
    const code = character.codePointAt(0)!;
    if (character === '"' || character === "\\") return `\\${character}`;
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code - 0xdc00, 2)}`;
    if (code >= 0xd800 && code <= 0xdfff) return "\ufffd";
    if (printable[code] === 1) return character;
    if (short.has(character)) return `\\${short.get(character)}`;
    if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  });
  return `"${pieces.join("")}"`;
}

test("go-text: quoteAsGo equals Go's text for any string below the limit", (t) => {
  const known = anyText.map((text) =>
    Array.from(text, (character) => (unassigned[character.codePointAt(0)!] === 1 ? "?" : character)).join(""),
  );
  fc.assert(
    fc.property(known, (text) => {
      const quoted = reference(text);
      if (byteLength(quoted) <= textLimit + 2) t.is(quoteAsGo(text), quoted);
      else t.true(quoted.startsWith(quoteAsGo(text).replace(/"\.\.\. \([\d,]+ bytes\)$/, "")));
    }),
  );
});

test("go-text: a long text is cut at a character and says its whole length", (t) => {
  t.is(cutText("a".repeat(1024)), "a".repeat(1024));
  t.is(cutText("a".repeat(1025)), `${"a".repeat(1024)}... (1,025 bytes)`);
  t.is(cutText("a".repeat(10_485_760)), `${"a".repeat(1024)}... (10,485,760 bytes)`);
  t.is(cutText("é".repeat(513)), `${"é".repeat(512)}... (1,026 bytes)`);
  t.is(cutText("😀".repeat(300)), `${"😀".repeat(256)}... (1,200 bytes)`);
  t.is(cutText(`${"\udc80".repeat(1030)}`), `${"\udc80".repeat(1024)}... (1,030 bytes)`);
  t.is(cutText("abcdef", 4), "abcd... (6 bytes)");
});

test("go-text: a quoted text is cut between the quotes", (t) => {
  t.is(quoteAsGo("a".repeat(1024)), `"${"a".repeat(1024)}"`);
  t.is(quoteAsGo("a".repeat(1025)), `"${"a".repeat(1024)}"... (1,025 bytes)`);
  t.is(quoteAsGo("\n".repeat(600)), `"${"\\n".repeat(512)}"... (600 bytes)`);
});

test("go-text: escapeText makes everything visible that could steer a terminal or forge a line", (t) => {
  t.is(
    escapeText(
      'a\n\r\t\x1b[2J\x7f\x85\u061c\u200b\u200f\u202e\u2028\u2066\ufeff\u{e0041}\udc80\ud800"\\é😀 ',
    ),
    'a\\n\\r\\t\\x1b[2J\\x7f\\u0085\\u061c\\u200b\\u200f\\u202e\\u2028\\u2066\\ufeff\\U000e0041\\x80\\ud800"\\é😀 ',
  );
  t.is(escapeText("plain text"), "plain text");
  t.is(escapeText("\x1b".repeat(10), 8), "\\x1b\\x1b... (10 bytes)");
});

const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

test("go-text: no escaped text holds an unsafe character, and escaping twice is escaping once", (t) => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 10, max: 2_000 }), (text, limit) => {
      const escaped = escapeText(text, limit);
      t.notRegex(escaped, unsafe);
      t.is(escapeText(escaped, limit + 40), escaped);
      t.true(byteLength(escaped) <= limit + "... (9,999 bytes)".length);
      t.notRegex(quoteAsGo(text), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      t.true(byteLength(quoteAsGo(text)) <= textLimit + 2 + "... (9,999 bytes)".length);
    }),
  );
});

test("go-text: escaped JSON holds no unsafe character and parses to the same value", (t) => {
  fc.assert(
    fc.property(fc.dictionary(anyText, anyText), (value) => {
      const json = escapedJson(value);
      t.notRegex(json, unsafe);
      t.deepEqual(JSON.parse(json), { ...value });
    }),
  );
});
