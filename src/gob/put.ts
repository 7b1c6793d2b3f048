// Ways to write the values that fields of structs mostly have, straight into a buffer: the generated code for
// a struct keeps buffer and position in local variables, which costs half of going through a writer.

/**
 * Writes a struct's field into `data` from `pos` on, where {@link putRoom} bytes are free, and returns the
 * position after it: `pos` itself for a zero value, which is left out. Returns -1, having written nothing that
 * counts, for a value that this way cannot take, right or wrong: the general way then writes it or refuses it.
 * `step` is below 128.
 */
export type PutFunction<T = unknown> = (data: Uint8Array, pos: number, step: number, value: T) => number;

const cellFloat = new Float64Array(1);
const cellBytes = new Uint8Array(cellFloat.buffer);
cellFloat[0] = 1;
const isLittleEndian = cellBytes[0] === 0;

/** Longer strings and bytes take the general way. */
const longestPut = 64;

/** The most that one put takes: a step, a length and the longest text. */
export const putRoom = longestPut + 2;

/** A uint of up to 32 bits; returns the position after it. */
function putWord(data: Uint8Array, pos: number, word: number): number {
  if (word < 0x80) {
    data[pos] = word;
    return pos + 1;
  }
  if (word < 0x100) {
    data[pos] = 0xff;
    data[pos + 1] = word;
    return pos + 2;
  }
  if (word < 0x10000) {
    data[pos] = 0xfe;
    data[pos + 1] = word >>> 8;
    data[pos + 2] = word;
    return pos + 3;
  }
  if (word < 0x1000000) {
    data[pos] = 0xfd;
    data[pos + 1] = word >>> 16;
    data[pos + 2] = word >>> 8;
    data[pos + 3] = word;
    return pos + 4;
  }
  data[pos] = 0xfc;
  data[pos + 1] = word >>> 24;
  data[pos + 2] = word >>> 16;
  data[pos + 3] = word >>> 8;
  data[pos + 4] = word;
  return pos + 5;
}

/** Puts `true`. */
export function putBool(data: Uint8Array, pos: number, step: number, value: boolean): number {
  if (value === false) return pos;
  if (value !== true) return -1;
  data[pos] = step;
  data[pos + 1] = 1;
  return pos + 2;
}

/** Puts integers of 31 bits in the given range. */
export function intPut(lowest: number, highest: number): PutFunction<number> {
  const low = Math.max(lowest, -0x40000000);
  const high = Math.min(highest, 0x3fffffff);
  return (data, pos, step, value) => {
    if (typeof value !== "number" || (value | 0) !== value || value < low || value > high) return -1;
    if (value === 0) return pos;
    data[pos] = step;
    return putWord(data, pos + 1, ((value << 1) ^ (value >> 31)) >>> 0);
  };
}

/** Puts integers of 31 bits, no larger than `highest`. */
export function uintPut(highest: number): PutFunction<number> {
  const high = Math.min(highest, 0x7fffffff);
  return (data, pos, step, value) => {
    if (typeof value !== "number" || (value | 0) !== value || value < 0 || value > high) return -1;
    if (value === 0) return pos;
    data[pos] = step;
    return putWord(data, pos + 1, value);
  };
}

/** Puts short ASCII. */
export function putString(data: Uint8Array, pos: number, step: number, value: string): number {
  if (typeof value !== "string") return -1;
  const { length } = value;
  if (length === 0) return pos;
  if (length > longestPut) return -1;
  data[pos] = step;
  data[pos + 1] = length;
  let next = pos + 2;
  for (let i = 0; i < length; i++) {
    const unit = value.charCodeAt(i);
    if (unit >= 0x80) return -1;
    data[next++] = unit;
  }
  return next;
}

/** Puts a short list of short ASCII. */
export function putStrings(data: Uint8Array, pos: number, step: number, values: readonly string[]): number {
  if (!Array.isArray(values)) return -1;
  const count = values.length;
  if (count === 0) return pos;
  const end = pos + putRoom;
  if (count > longestPut) return -1;
  data[pos] = step;
  data[pos + 1] = count;
  let next = pos + 2;
  for (let i = 0; i < count; i++) {
    const text: unknown = values[i];
    if (typeof text !== "string") return -1;
    const { length } = text;
    if (next + length >= end) return -1;
    data[next++] = length;
    for (let j = 0; j < length; j++) {
      const unit = text.charCodeAt(j);
      if (unit >= 0x80) return -1;
      data[next++] = unit;
    }
  }
  return next;
}

/** Puts floats that are numbers and not zero; only where the engine has their low byte first. */
export function putFloat(data: Uint8Array, pos: number, step: number, value: number): number {
  if (typeof value !== "number" || Number.isNaN(value) || !isLittleEndian) return -1;
  if (value === 0) return pos;
  cellFloat[0] = value;
  let low = 0;
  while (cellBytes[low] === 0) low++;
  data[pos] = step;
  let next = pos + 1;
  if (low < 7 || cellBytes[7]! >= 0x80) data[next++] = 0xf8 + low;
  for (; low < 8; low++) data[next++] = cellBytes[low]!;
  return next;
}

/** Puts short bytes. */
export function putBytes(data: Uint8Array, pos: number, step: number, value: Uint8Array): number {
  if (!(value instanceof Uint8Array)) return -1;
  const { length } = value;
  if (length === 0) return pos;
  if (length > longestPut) return -1;
  data[pos] = step;
  data[pos + 1] = length;
  let next = pos + 2;
  for (let i = 0; i < length; i++) data[next++] = value[i]!;
  return next;
}
