/** The longest text that is made of what a sender chose: names, types, paths, messages. In UTF-16 units. */
export const maxText = 1024;

/** The longest text of a type that a sender defined. Each error about a type has one, and a sender can cause many. */
export const maxTypeText = 256;

/** Control, format (bidirectional marks among them), unassigned and surrogate code points, and line separators. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;
const plainAscii = /^[\x20-\x7e]*$/;

function escapeUnits(character: string): string {
  let escaped = "";
  for (let i = 0; i < character.length; i++) {
    escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  }
  return escaped;
}

/**
 * Returns a text that a sender chose as it may go to a terminal, a log or a line of source: what cannot be seen
 * is escaped as `\uXXXX`, and what is beyond `limit` units is replaced by `…`.
 */
export function printable(text: string, limit: number = maxText): string {
  if (text.length <= limit && plainAscii.test(text)) return text;
  const escaped = text.slice(0, limit + 1).replace(unprintable, escapeUnits);
  return escaped.length > limit ? `${escaped.slice(0, Math.max(0, limit - 1))}…` : escaped;
}

/**
 * Returns a text in double quotes as JSON, JavaScript and Go read it, with everything escaped that cannot be
 * seen. Not cut.
 */
export function quoted(text: string): string {
  const json = JSON.stringify(text);
  return plainAscii.test(json) ? json : json.replace(unprintable, escapeUnits);
}

/** Returns {@link quoted} text cut to `limit` units of the original, with `…` before the closing quote. */
export function quotedShort(text: string, limit: number = maxText): string {
  return quoted(text.length > limit ? `${text.slice(0, limit - 1)}…` : text);
}

/** A text of a type that is put together from pieces and ends at {@link maxTypeText} units. */
export class TypeText {
  readonly #pieces: string[] = [];
  #left = maxTypeText;

  /** Whether nothing more would be shown, so that the caller can stop. */
  get isFull(): boolean {
    return this.#left < 0;
  }

  /** Appends a piece. */
  add(piece: string): void {
    if (this.#left < 0) return;
    this.#left -= piece.length;
    this.#pieces.push(piece);
  }

  /** Returns the text, with `…` in place of what did not fit. */
  toString(): string {
    const text = this.#pieces.join("");
    return text.length > maxTypeText ? `${text.slice(0, maxTypeText - 1)}…` : text;
  }
}
