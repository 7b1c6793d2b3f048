import type { Writer } from "./writer.ts";

// Each writes elements of a list from index `from` on, in one loop over local variables, and returns the index
// that it came to: the length, the end of a piece, or an element that has to be written by itself.

/** Elements of a list for which room is made at once. */
const listPiece = 256;
/** Strings in a list from which on they are joined, and how many at once. */
const manyStrings = 32;
const stringPiece = 1024;
/** Lengths of the strings at work: to look at a string again costs more. */
const lengths = new Uint8Array(stringPiece);

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
    if (typeof value !== "number" || (value | 0) !== value || value >= 0x40000000 || value < -0x40000000)
      break;
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

/** Many strings; stops at the first value that is not a string and returns its index, or the length. */
export function writeStrings(writer: Writer, values: readonly string[], from: number): number {
  const piece = values.slice(from, from + stringPiece);
  const count = piece.length;
  if (count >= manyStrings && writeJoined(writer, piece)) return from + count;
  for (let i = 0; i < count; i++) {
    const text: unknown = piece[i];
    if (typeof text !== "string") return from + i;
    writer.string(text);
  }
  return from + count;
}

/**
 * Writes strings below 128 units, all ASCII, or says that they are not and writes nothing. They are joined with a
 * separator where each one's length is to stand, and written in one call: the engine then copies them as a whole
 * however they were put together, where `charCodeAt` takes 2 ns and more for each unit.
 */
function writeJoined(writer: Writer, texts: readonly string[]): boolean {
  const count = texts.length;
  let units = count;
  for (let i = 0; i < count; i++) {
    const text: unknown = texts[i];
    if (typeof text !== "string" || text.length >= 0x80) return false;
    const { length } = text;
    lengths[i] = length;
    units += length;
  }
  // Room for UTF-8, in case that it is no ASCII.
  writer.ensure(3 * units);
  const { data } = writer;
  let { pos } = writer;
  const joined = texts.join("\0");
  if (Buffer.prototype.utf8Write.call(data, joined, pos + 1, data.length - pos - 1) !== joined.length)
    return false;
  for (let i = 0; i < count; i++) {
    const length = lengths[i]!;
    data[pos] = length;
    pos += length + 1;
  }
  writer.pos = pos;
  return true;
}
