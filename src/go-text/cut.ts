/** The most bytes of UTF-8 that a text made of remote data takes, without the note on its whole length. */
export const textLimit = 1024;

/** The most bytes of UTF-8 in one line of a log or on standard error, without the note on its whole length. */
export const lineLimit = 4096;

/**
 * Returns the text itself if it has at most `limit` bytes of UTF-8, otherwise its beginning and its whole length:
 *
 *     cutText(address)     // "10.0.0.7:6783"
 *     cutText(nickname)    // "aaaa... (10,485,760 bytes)"
 *
 * A character is never divided. Use it where a text equals Go's and goes on as data; {@link escapeText} cuts and escapes
 * for people.
 *
 * @param limit bytes of UTF-8; default {@link textLimit}. The note comes on top.
 */
export function cutText(text: string, limit = textLimit): string {
  // A UTF-16 unit takes at most three bytes.
  if (text.length * 3 <= limit) return text;
  let bytes = 0;
  for (let at = 0; at < text.length && bytes <= limit; ) {
    const size = byteCount(text, at);
    bytes += size;
    if (bytes > limit) return text.slice(0, at) + lengthNote(text);
    at += size === 4 ? 2 : 1;
  }
  return text;
}

/**
 * Builds a text of the pieces that `pieceFor` makes of each character, and ends it at `limit` bytes.
 *
 * @param text a Go string: bytes that are not UTF-8 are the lone surrogates U+DC80 to U+DCFF.
 * @param pieceFor the piece that stands for a character, given the character and its code point.
 * @returns the text, and whether all characters are in it.
 */
export function mapCharacters(
  text: string,
  limit: number,
  pieceFor: (character: string, code: number) => string,
): { readonly text: string; readonly whole: boolean } {
  let mapped = "";
  let bytes = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at)!;
    const character = String.fromCodePoint(code);
    const piece = pieceFor(character, code);
    bytes += byteLength(piece);
    if (bytes > limit) return { text: mapped, whole: false };
    mapped += piece;
    at += character.length;
  }
  return { text: mapped, whole: true };
}

/** Returns the note on a text's whole length, as `... (10,485,760 bytes)`. */
export function lengthNote(text: string): string {
  return `... (${grouped(byteLength(text))} bytes)`;
}

/** Returns a whole number with its digits in groups of three: `10,485,760`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** Tells long texts of ASCII, as most are, faster than a loop. */
const ascii = /^[\0-\x7f]*$/;

/** Returns the number of bytes that Go has for a text, in which a lone surrogate U+DC80 to U+DCFF is one byte. */
export function byteLength(text: string): number {
  if (ascii.test(text)) return text.length;
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const size = byteCount(text, at);
    bytes += size;
    if (size === 4) at++;
  }
  return bytes;
}

/** The number of bytes of the character that starts at a UTF-16 unit. */
function byteCount(text: string, at: number): 1 | 2 | 3 | 4 {
  const unit = text.charCodeAt(at);
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  if (unit < 0xd800 || unit > 0xdfff) return 3;
  if (unit <= 0xdbff) {
    const next = text.charCodeAt(at + 1);
    if (next >= 0xdc00 && next <= 0xdfff) return 4;
  }
  return unit >= 0xdc80 && unit <= 0xdcff ? 1 : 3;
}
