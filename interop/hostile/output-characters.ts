/**
 * A text of everything that a terminal or a reader may take for something else: escape sequences, line ends, C1
 * controls, DEL, bidirectional marks, invisible characters, line separators, a forged line.
 */
export const hostileText =
  "a\x1b[2J\x1b]0;title\x07\r\nforged: line\nforged\x00\x7f\x85\x9b31m\u202egnp\u2066x\u2069\u200b\u200e\ufeff\u2028\u2029\u061c\u{e0041}z";

/** Controls, invisible and bidirectional characters, and line separators. */
const forbidden = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/**
 * The characters that must not be in an output as they are, each once, as U+001B; at most ten. The line end is not
 * among them, as it ends lines of our own.
 */
export function rawCharacters(text: string): string[] {
  const found = new Set<string>();
  for (const [character] of text.matchAll(forbidden)) {
    if (character === "\n") continue;
    found.add(`U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`);
    if (found.size === 10) break;
  }
  return [...found];
}
