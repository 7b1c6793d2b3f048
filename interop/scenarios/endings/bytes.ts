/** The bytes of a text. */
export function text(value: string): number[] {
  return [...Buffer.from(value)];
}

/** The bytes that a text of hex digits stands for; blanks between them count for nothing. */
export function hex(digits: string): number[] {
  return [...Buffer.from(digits.replaceAll(" ", ""), "hex")];
}

/** A frame of protocol version 2. */
export function frame(body: readonly number[]): number[] {
  const { length } = body;
  return [length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255, ...body];
}

/** `weave`, version 1 to 2. */
export const header = [...text("weave"), 1, 2];
/** The encryption flag of a side without a password. */
export const plain = [0];
