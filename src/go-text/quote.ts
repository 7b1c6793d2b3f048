import { lengthNote, mapCharacters, textLimit } from "./cut.ts";

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
]);

/** Characters that stand as they are in the quoted and the escaped form. */
const plainAscii = /^[ !#-[\]-~]*$/;

/**
 * Returns a string in double quotes with Go's escapes, as `%q` prints it in errors that users see. Bytes that are not
 * UTF-8, carried as U+DC80 to U+DCFF, become `\x80` to `\xff`; another lone surrogate becomes U+FFFD.
 *
 * Equals Go's text up to `limit` bytes between the quotes. A longer one ends there, with its whole length after the quotes:
 * `"aaaa"... (10,485,760 bytes)`. Which characters are printable depends on the engine's Unicode version, as it depends on
 * Go's there.
 *
 * Source: strconv.Quote.
 */
export function quoteAsGo(text: string, limit = textLimit): string {
  if (text.length <= limit && plainAscii.test(text)) return `"${text}"`;
  const quoted = mapCharacters(text, limit, quotedPiece);
  return quoted.whole ? `"${quoted.text}"` : `"${quoted.text}"${lengthNote(text)}`;
}

function quotedPiece(character: string, code: number): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  if (isPrintable(character)) return character;
  if (code >= 0xd800 && code <= 0xdfff && !isByte(code)) return "\ufffd";
  return escaped(character, code);
}

/** Whether Go prints a character as it stands: letters, marks, numbers, punctuation, symbols and the ASCII space (unicode.IsPrint). */
export function isPrintable(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character);
}

/**
 * The characters that must not reach a terminal or a log as they stand: controls (C0, DEL, C1), format characters (bidirectional controls,
 * zero-width characters, byte order marks, tags), line and paragraph separators, lone surrogates.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const allUnsafe = new RegExp(unsafe, "gu");

/**
 * Returns a text that is safe in a log or on a terminal: one line, at most `limit` bytes long, in which control characters,
 * bidirectional controls, zero-width characters, line separators, lone surrogates and bytes that are not UTF-8 are written
 * as Go's string literals write them:
 *
 *     escapeText("a\n\x1b[2J\u202e")   // "a\\n\\x1b[2J\\u202e"
 *
 * Quotes and backslashes stay, so that a text that was escaped or quoted before is unchanged. A longer text ends with its
 * whole length: `aaaa... (10,485,760 bytes)`.
 *
 * @param limit bytes of UTF-8; default {@link textLimit}. The note on the length comes on top.
 */
export function escapeText(text: string, limit = textLimit): string {
  // A UTF-16 unit takes at most three bytes.
  if (text.length * 3 <= limit && !unsafe.test(text)) return text;
  const shown = mapCharacters(text, limit, (character, code) =>
    unsafe.test(character) ? escaped(character, code) : character,
  );
  return shown.whole ? shown.text : shown.text + lengthNote(text);
}

/**
 * Returns the text of a JSON document on one line. The characters that {@link escapeText} escapes, where they stand in
 * strings, are `\u` escapes, so that parsing gives the same value. The length is not bounded.
 *
 * @param value anything that JSON.stringify takes, but not `undefined`.
 */
export function escapedJson(value: unknown): string {
  return JSON.stringify(value).replace(allUnsafe, (character) => {
    let escapes = "";
    for (let i = 0; i < character.length; i++) escapes += `\\u${hex(character.charCodeAt(i), 4)}`;
    return escapes;
  });
}

/** The escape of a character in a string literal of Go. A surrogate that carries no byte has none there: `\ud800`. */
function escaped(character: string, code: number): string {
  const short = shortEscapes.get(character);
  if (short !== undefined) return short;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  if (isByte(code)) return `\\x${hex(code - 0xdc00, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

/** Whether a code point is a lone surrogate that carries a byte that is not UTF-8. */
function isByte(code: number): boolean {
  return code >= 0xdc80 && code <= 0xdcff;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
