import { isAsciiRange, type Reader, windowBytes } from "./reader.ts";

// Each of these makes its array itself: the engine learns from where an array is made what will be in it,
// and keeps floats unboxed only if nothing else comes from there.

/** Strings in one list from which on it has windows of its own. */
const manyTexts = 32;

/** A list of `count` ints. */
export function readInts(reader: Reader, count: number): number[] {
  const values: number[] = new Array(count);
  for (let i = 0; i < count; i++) {
    i = fillInts(reader, values, i);
    if (i < count) values[i] = reader.int();
  }
  return values;
}

/**
 * Fills the list from `from` on with ints of up to four bytes; returns the index of the first that is another
 * or stands at the very end. The loop calls nothing, so the engine keeps what it knows of the list and the view.
 */
function fillInts(reader: Reader, values: number[], from: number): number {
  const count = values.length;
  const { view, end } = reader;
  let { pos } = reader;
  let i = from;
  outer: for (;;) {
    // So many are sure to be there whatever their sizes: each takes up to five bytes.
    const stop = Math.min(count, i + Math.floor((end - pos) / 5));
    if (i >= stop) break;
    for (; i < stop; i++) {
      const four = view.getInt32(pos);
      const first = four >> 24;
      let word: number;
      if (first === -3) {
        word = four & 0xffffff;
        pos += 4;
      } else if (first >= 0) {
        word = first;
        pos++;
      } else if (first === -2) {
        word = (four >> 8) & 0xffff;
        pos += 3;
      } else if (first === -1) {
        word = (four >> 16) & 0xff;
        pos += 2;
      } else if (first === -4) {
        word = view.getInt32(pos + 1);
        pos += 5;
      } else break outer;
      values[i] = (word >>> 1) ^ -(word & 1);
    }
  }
  reader.pos = pos;
  return i;
}

/** A list of `count` floats. */
export function readFloats(reader: Reader, count: number): number[] {
  // It begins as a list of unboxed floats: one that has to become it is copied, which costs half as much again.
  const values: number[] = [0.5];
  values.length = count;
  for (let i = 0; i < count; i++) {
    i = fillFloats(reader, values, i);
    if (i < count) values[i] = reader.float();
  }
  return values;
}

/** As {@link fillInts}, for floats that take all of nine bytes. */
function fillFloats(reader: Reader, values: number[], from: number): number {
  const count = values.length;
  const { view } = reader;
  const safeEnd = reader.end - 9;
  let { pos } = reader;
  let i = from;
  for (; i < count && pos <= safeEnd; i++) {
    if (view.getUint8(pos) !== 0xf8) break;
    values[i] = view.getFloat64(pos + 1, true);
    pos += 9;
  }
  reader.pos = pos;
  return i;
}

/** A list of `count` strings. */
export function readStrings(reader: Reader, count: number): string[] {
  const values: string[] = new Array(count);
  if (count < manyTexts) {
    for (let i = 0; i < count; i++) values[i] = reader.string();
    return values;
  }
  for (let i = 0; i < count; ) {
    i = fillStrings(reader, values, i);
    // A piece that is not all ASCII, as one with a long string, is not looked at again.
    const stop = reader.pos + windowBytes;
    while (i < count && reader.pos < stop) values[i++] = reader.string();
  }
  return values;
}

/**
 * As {@link fillInts}, for ASCII strings below 128 bytes: these are cut from pieces of the message that are made
 * into text as a whole.
 */
function fillStrings(reader: Reader, values: string[], from: number): number {
  const count = values.length;
  const { data, end } = reader;
  let window = "";
  let windowStart = 0;
  let windowEnd = 0;
  let { pos } = reader;
  let i = from;
  for (; i < count && pos < end; i++) {
    const start = pos + 1;
    const stop = start + data[pos]!;
    if (stop > windowEnd) {
      if (data[pos]! >= 0x80 || stop > end) break;
      windowStart = start;
      windowEnd = Math.min(start + windowBytes, end);
      if (!isAsciiRange(reader.view, start, windowEnd)) break;
      window = Buffer.prototype.latin1Slice.call(data, start, windowEnd);
    }
    values[i] = window.substring(start - windowStart, stop - windowStart);
    pos = stop;
  }
  reader.pos = pos;
  return i;
}
