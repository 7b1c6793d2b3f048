import type { Writer } from "./writer.ts";

// Each writes elements of a list from index `from` on, in one loop over local variables, and returns the index
// that it came to: the length, the end of a piece, or an element that has to be written by itself.

/** Elements of a list for which room is made at once. */
const listPiece = 256;
/** Strings of fewer units take the way of many. */
const shortString = 64;

/** Many ints; stops at the first that is no integer of 30 bits and returns its index, or the length. */
export function writeInts(writer: Writer, values: readonly number[], from: number): number {
  const { length } = values;
  const stop = Math.min(length, from + listPiece);
  writer.ensure(5 * listPiece);
  const { data } = writer;
  let { pos } = writer;
  let i = from;
  for (; i < stop; i++) {
    const value = values[i]!;
    if ((value | 0) !== value || value >= 0x40000000 || value < -0x40000000) break;
    const word = ((value << 1) ^ (value >> 31)) >>> 0;
    if (word < 0x80) {
      data[pos++] = word;
    } else if (word < 0x100) {
      data[pos++] = 0xff;
      data[pos++] = word;
    } else if (word < 0x10000) {
      data[pos++] = 0xfe;
      data[pos++] = word >>> 8;
      data[pos++] = word;
    } else if (word < 0x1000000) {
      data[pos++] = 0xfd;
      data[pos++] = word >>> 16;
      data[pos++] = word >>> 8;
      data[pos++] = word;
    } else {
      data[pos++] = 0xfc;
      data[pos++] = word >>> 24;
      data[pos++] = word >>> 16;
      data[pos++] = word >>> 8;
      data[pos++] = word;
    }
  }
  writer.pos = pos;
  return i;
}

/** Many floats; stops at the first with a zero byte at its low end and returns its index, or the length. */
export function writeFloats(writer: Writer, values: readonly number[], from: number): number {
  const { length } = values;
  const stop = Math.min(length, from + listPiece);
  writer.ensure(9 * listPiece);
  const { data } = writer;
  const { view } = writer;
  let { pos } = writer;
  let i = from;
  for (; i < stop; i++) {
    const value = values[i]!;
    if (typeof value !== "number") break;
    // Written where it will stand; if it turns out to be shorter, or NaN, it is written again.
    view.setFloat64(pos + 1, value, true);
    if (data[pos + 1] === 0 || Number.isNaN(value)) break;
    data[pos] = 0xf8;
    pos += 9;
  }
  writer.pos = pos;
  return i;
}

/** Many strings; stops at the first that is not short ASCII and returns its index, or the length. */
export function writeStrings(writer: Writer, values: readonly string[], from: number): number {
  const { length } = values;
  const stop = Math.min(length, from + listPiece);
  writer.ensure(shortString * listPiece);
  const { data } = writer;
  let { pos } = writer;
  let i = from;
  outer: for (; i < stop; i++) {
    const text = values[i]!;
    if (typeof text !== "string" || text.length >= shortString) break;
    const count = text.length;
    let next = pos + 1;
    for (let j = 0; j < count; j++) {
      const unit = text.charCodeAt(j);
      if (unit >= 0x80) break outer;
      data[next++] = unit;
    }
    data[pos] = count;
    pos = next;
  }
  writer.pos = pos;
  return i;
}
