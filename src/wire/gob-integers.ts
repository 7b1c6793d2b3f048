/**
 * The unsigned integers of gob, for the few values of fixed form that are written and read without the general
 * encoder: frames of version 1 and envelopes. One byte below 128, otherwise the negated count of bytes and then the
 * bytes, big-endian. Numbers here are lengths or 48-bit names: safe integers.
 */

/** Bytes of the longest gob unsigned integer: a count and 64 bits. */
export const maxUintBytes = 9;

/** Bytes that a gob unsigned integer takes. */
export function gobUintBytes(value: number): number {
  if (value < 0x80) return 1;
  let bytes = 1;
  for (let rest = value; rest > 0; rest = Math.floor(rest / 0x100)) bytes++;
  return bytes;
}

/** Writes a gob unsigned integer and returns the offset behind it. */
export function writeGobUint(target: Uint8Array, at: number, value: number): number {
  if (value < 0x80) {
    target[at] = value;
    return at + 1;
  }
  const bytes = gobUintBytes(value) - 1;
  target[at] = 0x100 - bytes;
  let rest = value;
  for (let i = at + bytes; i > at; i--) {
    target[i] = rest % 0x100;
    rest = Math.floor(rest / 0x100);
  }
  return at + bytes + 1;
}

/** Bytes of the gob unsigned integer that begins with this byte; more than {@link maxUintBytes} if no integer begins so. */
export function gobUintBytesFrom(first: number): number {
  return first < 0x80 ? 1 : 0x101 - first;
}

/**
 * The gob unsigned integer at an offset where it is known to be whole. Values of 2^53 and more come out inexact,
 * but large: good enough for a limit.
 */
export function readGobUint(source: Uint8Array, at: number): number {
  const first = source[at]!;
  if (first < 0x80) return first;
  let value = 0;
  for (let i = at + 1; i <= at + 0x100 - first; i++) value = value * 0x100 + source[i]!;
  return value;
}
