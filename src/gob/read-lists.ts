import { isAsciiRange, type Reader, windowBytes } from "./reader.ts";

// Each of these makes its array itself: the engine learns from where an array is made what will be in it,
// and keeps floats unboxed only if nothing else comes from there.

/** Strings in one list from which on it has windows of its own. */
const manyTexts = 32;

/** A list of `count` ints. */
export function readInts(reader: Reader, count: number): number[] {
  const values: number[] = new Array(count);
  const { data } = reader;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  // Short of the end by what one look ahead takes, so that the loop needs one check.
  const safeEnd = reader.end - 5;
  let { pos } = reader;
  for (let i = 0; i < count; i++) {
    let word = 0;
    const first = pos < safeEnd ? data[pos]! : 0x80;
    if (first < 0x80) {
      word = first;
      pos++;
    } else if (first >= 0xfd) {
      // One to three bytes are the top ones of the next four.
      word = view.getUint32(pos + 1) >>> ((first - 0xfc) << 3);
      pos += 0x101 - first;
    } else {
      reader.pos = pos;
      values[i] = reader.int();
      pos = reader.pos;
      continue;
    }
    values[i] = (word >>> 1) ^ -(word & 1);
  }
  reader.pos = pos;
  return values;
}

/** A list of `count` floats. */
export function readFloats(reader: Reader, count: number): number[] {
  const values: number[] = new Array(count);
  const { data, end } = reader;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let { pos } = reader;
  for (let i = 0; i < count; i++) {
    if (pos + 9 <= end && data[pos] === 0xf8) {
      values[i] = view.getFloat64(pos + 1, true);
      pos += 9;
    } else {
      reader.pos = pos;
      values[i] = reader.float();
      pos = reader.pos;
    }
  }
  reader.pos = pos;
  return values;
}

/** A list of `count` strings. */
export function readStrings(reader: Reader, count: number): string[] {
  const values: string[] = new Array(count);
  if (count < manyTexts) {
    for (let i = 0; i < count; i++) values[i] = reader.string();
    return values;
  }
  const { data, end } = reader;
  let window = "";
  let windowStart = 0;
  let windowEnd = 0;
  let isAscii = false;
  let { pos } = reader;
  for (let i = 0; i < count; i++) {
    const start = pos + 1;
    const length = pos < end ? data[pos]! : 0x80;
    const stop = start + length;
    if (stop > windowEnd && length < 0x80 && stop <= end) {
      windowStart = start;
      windowEnd = Math.min(start + windowBytes, end);
      window = Buffer.prototype.latin1Slice.call(data, start, windowEnd);
      isAscii = isAsciiRange(data, start, windowEnd);
    }
    if (isAscii && length < 0x80 && stop <= windowEnd) {
      values[i] = window.substring(start - windowStart, stop - windowStart);
      pos = stop;
    } else {
      reader.pos = pos;
      values[i] = reader.string();
      pos = reader.pos;
    }
  }
  reader.pos = pos;
  return values;
}
