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

test("go-text: quoteAsGo escapes the characters that Go's %q escapes", (t) => {
  t.is(
    quoteAsGo('a"\\\n\x00\x7f\xad\u2028é😀\u{e0001}\udcff\ud800'),
    '"a\\"\\\\\\n\\x00\\x7f\\u00ad\\u2028é😀\\U000e0001\\xff\ufffd"',
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

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.integer({ min: 0x80, max: 0xff }), { maxLength: 2_000 })
    .map((bytes) => String.fromCharCode(...bytes.map((byte) => 0xdc00 + byte))),
);
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
