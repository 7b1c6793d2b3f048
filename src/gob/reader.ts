import { copyOf } from "./copy.ts";
import type { Definition } from "./definition.ts";
import { GobError, type GobErrorCode } from "./errors.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { decodeUtf8Range } from "./text.ts";

/** Strings read one by one before a message counts as full of them. */
const fewTexts = 4;
/** Bytes that are turned into text at once; also the most that a kept string can hold on to. */
export const windowBytes = 2048;
/** Longer strings are read by themselves. */
const longTextBytes = 256;

const cell = new ArrayBuffer(8);
const cellBytes = new Uint8Array(cell);
const cellView = new DataView(cell);
const cellWords = new Uint32Array(cell);
const cellBig = new BigUint64Array(cell);
const cellSigned = new BigInt64Array(cell);
cellWords[0] = 1;
const lowWord = cellBytes[0] === 1 ? 0 : 1;
const highWord = 1 - lowWord;

/** The part of a stream that a reader uses for values that go on in the next message. */
export interface MessageSource {
  /**
   * Reads the type definitions that stand at the reader's position, taking further messages where the
   * current one is used up, and the id after them. The definitions are added to `definitions`.
   */
  typeSequence(reader: Reader, definitions?: { id: number; definition: Definition }[]): number;
}

/**
 * Reads gob's primitive encodings from one message. It never reads beyond `end`, and every failure is a
 * {@link GobError} with the offset in the stream.
 */
export class Reader {
  data: Uint8Array;
  /** Index in `data` of the next byte. */
  pos = 0;
  /** Index in `data` after the last byte of the current message. */
  end = 0;
  /** Offset in the stream of `data[0]`. */
  base = 0;
  /** Containers entered and not yet left. */
  depth = 0;
  /** Elements that this value may still have. */
  elementsLeft: number;
  /** Bytes of memory, by estimate, that this value may still take. */
  memoryLeft: number;
  readonly limits: Limits;
  readonly source: MessageSource | undefined;
  #high = 0;
  #low = 0;
  #texts = 0;
  #window = "";
  #windowStart = 0;
  #windowEnd = 0;
  #isAsciiWindow = false;
  #view: DataView | undefined;

  constructor(data: Uint8Array, limits: Limits = defaultLimits, source?: MessageSource) {
    this.data = data;
    this.end = data.length;
    this.limits = limits;
    this.elementsLeft = limits.elements;
    this.memoryLeft = limits.memoryBytes;
    this.source = source;
  }

  /** Offset in the stream of the next byte. */
  get offset(): number {
    return this.base + this.pos;
  }

  /** A view of `data`. */
  get view(): DataView {
    const { data } = this;
    this.#view ??= new DataView(data.buffer, data.byteOffset, data.byteLength);
    return this.#view;
  }

  /** An error at the current position. */
  fail(code: GobErrorCode, text: string): GobError {
    return new GobError(code, text, { offset: this.offset });
  }

  #wide(first: number): number {
    const count = 0x100 - first;
    if (count > 8) throw this.fail("corrupt", `unsigned integer of ${count} bytes`);
    let pos = this.pos;
    if (count > this.end - pos) {
      throw this.fail(
        "truncated",
        `unsigned integer of ${count} bytes with ${this.end - pos} left in the message`,
      );
    }
    const data = this.data;
    let high = 0;
    let low = 0;
    let left = count;
    for (; left > 4; left--) high = (high << 8) | data[pos++]!;
    for (; left > 0; left--) low = (low << 8) | data[pos++]!;
    this.pos = pos;
    this.#high = high >>> 0;
    this.#low = low >>> 0;
    return count;
  }

  /** The 32 bits of an integer of one to four bytes, where four are there. */
  #word(first: number): number {
    const { data, pos } = this;
    let word = data[pos]!;
    if (first < 0xff) word = (word << 8) | data[pos + 1]!;
    if (first < 0xfe) word = (word << 8) | data[pos + 2]!;
    if (first < 0xfd) word = (word << 8) | data[pos + 3]!;
    this.pos = pos + 0x100 - first;
    return word;
  }

  #first(): number {
    if (this.pos >= this.end) throw this.fail("truncated", "message ends inside a value");
    return this.data[this.pos++]!;
  }

  /** A uint as a number; an error beyond 2^53-1. */
  uint(): number {
    if (this.pos >= this.end) throw this.fail("truncated", "message ends inside a value");
    const first = this.data[this.pos++]!;
    if (first < 0x80) return first;
    if (first >= 0xfc && this.pos + 4 <= this.end) return this.#word(first) >>> 0;
    this.#wide(first);
    if (this.#high > 0x1fffff) throw this.fail("overflow", "unsigned integer is beyond 2^53-1");
    return this.#high * 0x100000000 + this.#low;
  }

  /** An int as a number; an error beyond 2^53-1 on either side. */
  int(): number {
    if (this.pos >= this.end) throw this.fail("truncated", "message ends inside a value");
    const { data } = this;
    const first = data[this.pos++]!;
    if (first < 0x80) return (first >> 1) ^ -(first & 1);
    if (first >= 0xfc && this.pos + 4 <= this.end) {
      const word = this.#word(first);
      return (word >>> 1) ^ -(word & 1);
    }
    this.#wide(first);
    const magnitude = this.#high * 0x80000000 + (this.#low >>> 1);
    if (magnitude > Number.MAX_SAFE_INTEGER) throw this.fail("overflow", "integer is beyond 2^53-1");
    if ((this.#low & 1) === 0) return magnitude;
    if (magnitude === Number.MAX_SAFE_INTEGER) throw this.fail("overflow", "integer is beyond -(2^53-1)");
    return -magnitude - 1;
  }

  /** The step to the next field of a struct; 0 at its end, or at the end of the message, as in Go. */
  fieldStep(): number {
    if (this.pos >= this.end) return 0;
    const first = this.data[this.pos]!;
    if (first < 0x80) {
      this.pos++;
      return first;
    }
    return this.uint();
  }

  /** Passes over a uint (or int, or float). */
  skipUint(): void {
    const first = this.#first();
    if (first >= 0x80) this.#wide(first);
  }

  /** A uint as a bigint, 0 to 2^64-1. */
  bigUint(): bigint {
    const first = this.#first();
    if (first < 0x80) return BigInt(first);
    this.#wide(first);
    cellWords[lowWord] = this.#low;
    cellWords[highWord] = this.#high;
    return cellBig[0]!;
  }

  /** An int as a bigint, -2^63 to 2^63-1. */
  bigInt(): bigint {
    const first = this.#first();
    if (first < 0x80) return BigInt((first >> 1) ^ -(first & 1));
    this.#wide(first);
    const sign = -(this.#low & 1);
    cellWords[lowWord] = ((this.#low >>> 1) | (this.#high << 31)) ^ sign;
    cellWords[highWord] = (this.#high >>> 1) ^ sign;
    return cellSigned[0]!;
  }

  /** A float. Which NaN it is, {@link floatBits} tells. */
  float(): number {
    const { pos, data } = this;
    // The integer's bytes, big-endian, are the float's, little-endian.
    if (pos + 9 <= this.end && data[pos] === 0xf8) {
      this.pos = pos + 9;
      return this.view.getFloat64(pos + 1, true);
    }
    this.#floatCell();
    return cellView.getFloat64(0, true);
  }

  #floatCell(): void {
    const first = this.#first();
    if (first < 0x80) {
      this.#high = 0;
      this.#low = first;
    } else {
      this.#wide(first);
    }
    cellView.setUint32(0, this.#high);
    cellView.setUint32(4, this.#low);
  }

  /** A float as its 64 bits. */
  floatBits(): bigint {
    this.#floatCell();
    return cellView.getBigUint64(0, true);
  }

  /** A length of bytes that follow: it must fit the rest of the message. */
  length(what: string): number {
    const length = this.uint();
    if (length > this.end - this.pos) {
      throw this.fail(
        "truncated",
        `${what} of ${length} bytes with ${this.end - this.pos} left in the message`,
      );
    }
    return length;
  }

  /** A string, by the rule of `decodeUtf8`. */
  string(): string {
    const { pos } = this;
    // Most strings of a message that has many: short, and in a piece that is text already.
    if (this.#isAsciiWindow && pos < this.#windowEnd) {
      const start = pos + 1;
      const stop = start + this.data[pos]!;
      if (stop <= this.#windowEnd) {
        this.pos = stop;
        return this.#window.substring(start - this.#windowStart, stop - this.#windowStart);
      }
    }
    return this.text(this.length("string"));
  }

  /** The string of `length` bytes, a length that was checked. */
  text(length: number): string {
    const start = this.pos;
    const stop = start + length;
    this.pos = stop;
    if (length > longTextBytes || ++this.#texts <= fewTexts) return decodeUtf8Range(this.data, start, stop);
    if (stop > this.#windowEnd) this.#openWindow(start);
    if (!this.#isAsciiWindow) {
      let wide = 0;
      for (let at = start; at < stop; at++) wide |= this.data[at]!;
      if (wide >= 0x80) return decodeUtf8Range(this.data, start, stop);
    }
    return this.#window.substring(start - this.#windowStart, stop - this.#windowStart);
  }

  /**
   * Turns a piece of the message into text at once, from which strings are cut in a third of the time of
   * making each one. If all of it is ASCII, the strings in it need no look, and a string's first byte there
   * is its length.
   */
  #openWindow(start: number): void {
    const end = Math.min(start + windowBytes, this.end);
    this.#isAsciiWindow = isAsciiRange(this.view, start, end);
    this.#window = Buffer.prototype.latin1Slice.call(this.data, start, end);
    this.#windowStart = start;
    this.#windowEnd = end;
  }

  /** Reads from here on what stands in `data`, whose first byte is at offset `base` of the stream. */
  use(data: Uint8Array, base: number): void {
    if (data !== this.data) this.#view = undefined;
    this.data = data;
    this.base = base;
    this.#texts = 0;
    this.#windowEnd = 0;
  }

  /** Bytes, as a copy, which may be part of a larger buffer ({@link copyOf}). */
  bytes(): Uint8Array {
    const length = this.length("bytes");
    const start = this.pos;
    this.pos = start + length;
    return this.copy(start, length);
  }

  /** A copy of `length` bytes from index `start` on. */
  copy(start: number, length: number): Uint8Array {
    return copyOf(this.data, start, start + length);
  }

  /** Passes over `length` bytes after a length that was checked. */
  skip(length: number): void {
    this.pos += length;
  }

  /**
   * The count of a container's elements.
   * `bounded` says that each element takes at least one byte of this very message (true unless elements
   * hold interfaces, which may go on in the next): then the count must fit what is left of it.
   * `elementBytes` is the memory that each element takes, by estimate.
   */
  count(bounded: boolean, elementBytes: number): number {
    const count = this.uint();
    if (bounded && count > this.end - this.pos) {
      throw this.fail("truncated", `${count} elements with ${this.end - this.pos} bytes left in the message`);
    }
    if (count > this.elementsLeft) {
      throw this.fail("too-many-elements", `value has more than ${this.limits.elements} elements`);
    }
    this.elementsLeft -= count;
    this.take(count * elementBytes);
    return count;
  }

  /** Counts memory that the value takes, by estimate. Errors: `value-too-large`. */
  take(bytes: number): void {
    this.memoryLeft -= bytes;
    if (this.memoryLeft < 0) {
      throw this.fail("value-too-large", `value takes more than ${this.limits.memoryBytes} bytes of memory`);
    }
  }

  /**
   * Another of `count` elements of a list begins here. At the end of a message a struct may lack its end mark, and so one of
   * nothing but zeros takes no bytes; as an element it is refused there. Source: decode.go, `decodeArrayHelper`.
   */
  element(count: number): void {
    if (this.pos >= this.end) throw this.fail("truncated", `a list of ${count} elements ends early`);
  }

  /** Enters a container; an error beyond the limit of nesting. */
  enter(): void {
    if (++this.depth > this.limits.nesting) {
      throw this.fail("nesting-too-deep", `value is nested deeper than ${this.limits.nesting} levels`);
    }
  }
}

/** Whether all bytes are below 128. */
export function isAsciiRange(view: DataView, start: number, end: number): boolean {
  let at = start;
  let wide = 0;
  for (; at + 4 <= end; at += 4) wide |= view.getInt32(at);
  for (; at < end; at++) wide |= view.getUint8(at) << 24;
  return (wide & -0x7f7f7f80) === 0;
}
