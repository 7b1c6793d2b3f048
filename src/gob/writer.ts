import { copyOf } from "./copy.ts";
import { GobError } from "./errors.ts";
import type { GoType } from "./go-type.ts";
import { encodeUtf8Into } from "./text.ts";

// One 64-bit cell seen in several ways, to take numbers apart without allocating.
const cell = new ArrayBuffer(8);
const cellBytes = new Uint8Array(cell);
const cellView = new DataView(cell);
const cellFloat = new Float64Array(cell);
const cellWords = new Uint32Array(cell);
const cellBig = new BigUint64Array(cell);
cellWords[0] = 1;
const lowWord = cellBytes[0] === 1 ? 0 : 1;
const highWord = 1 - lowWord;
const lowByte = lowWord === 0 ? 0 : 7;

/** The part of an encoder that a writer uses when an interface value brings in a type. */
export interface DefinitionSender {
  /** Defines the type where the other side may not know it yet, and returns its id. */
  describe(writer: Writer, type: GoType): number;
}

/** Size of a new buffer, and the size above which it is not kept for the next value. */
const firstBytes = 512;
const keptBytes = 1 << 22;

/** Bytes kept free at the head so that the first message's length can be put in front without moving it. */
const headRoom = 9;

/**
 * A growing buffer with gob's primitive encodings and its nested, length-prefixed messages.
 *
 *     uint   one byte below 128; else the negated count of bytes, then the bytes, big-endian
 *     int    the sign in bit 0, the rest complemented when negative, as uint
 *     float  the 64 bits with their bytes reversed, as uint
 *
 * One writer serves one `encode` at a time. {@link finish} copies, so the buffer is used again.
 */
export class Writer {
  /** The buffer; replaced when it grows, so never hold on to it across a write. */
  data: Uint8Array = new Uint8Array(firstBytes);
  /** A view of the same buffer. */
  view = new DataView(this.data.buffer);
  /** The index of the next byte. */
  pos = headRoom;
  /** Nesting of containers so far: values that contain themselves end in an error, not in a full stack. */
  depth = 0;
  /** The encoder at work. */
  definitions: DefinitionSender | undefined;
  #messageStart = headRoom;
  /** Bytes left for the current message's length. */
  #lengthRoom = 1;
  readonly #outerRooms: number[] = [];
  #outputStart = headRoom;

  /** Makes room for `count` more bytes. */
  ensure(count: number): void {
    if (this.pos + count > this.data.length) this.#grow(count);
  }

  #grow(count: number): void {
    let size = this.data.length * 2;
    while (size < this.pos + count) size *= 2;
    const grown = new Uint8Array(size);
    grown.set(this.data.subarray(0, this.pos));
    this.#use(grown);
  }

  #use(data: Uint8Array): void {
    this.data = data;
    this.view = new DataView(data.buffer);
  }

  /** Starts a new output; what was written before is dropped. */
  reset(definitions?: DefinitionSender): void {
    this.definitions = definitions;
    if (this.#outerRooms.length > 0) this.#outerRooms.length = 0;
    if (this.data.length > keptBytes) this.#use(new Uint8Array(firstBytes));
    this.pos = headRoom;
    this.depth = 0;
    this.#messageStart = headRoom;
    this.#outputStart = headRoom;
  }

  /** Ends the last message and gives everything written since {@link reset}, as a copy ({@link copyOf}). */
  finish(): Uint8Array {
    this.#closeMessage();
    return copyOf(this.data, this.#outputStart, this.pos);
  }

  /**
   * Ends the current message and begins the next at the same level: what happens after each type definition.
   * Inside an interface value the messages so made lie within the enclosing one. `expected` is a guess at
   * the next one's length: if it is right, the message is not moved.
   */
  splitMessage(expected = 0): void {
    this.#closeMessage();
    this.#openMessage(expected);
  }

  /** Begins a message inside the current one; returns what {@link leaveMessage} needs. */
  enterMessage(): number {
    const outer = this.#messageStart;
    this.#outerRooms.push(this.#lengthRoom);
    this.#openMessage();
    return outer;
  }

  /** Ends the message that {@link enterMessage} began. */
  leaveMessage(outer: number): void {
    this.#closeMessage();
    this.#messageStart = outer;
    this.#lengthRoom = this.#outerRooms.pop()!;
  }

  #openMessage(expected = 0): void {
    const room = uintLength(expected);
    if (this.pos + room > this.data.length) this.#grow(room);
    this.#lengthRoom = room;
    this.pos += room;
    this.#messageStart = this.pos;
  }

  #closeMessage(): void {
    const start = this.#messageStart;
    const length = this.pos - start;
    const needed = uintLength(length);
    if (start === headRoom) {
      const end = this.pos;
      this.#outputStart = this.pos = headRoom - needed;
      this.uint(length);
      this.pos = end;
      return;
    }
    const shift = needed - this.#lengthRoom;
    if (needed === 1 && shift === 0) {
      this.data[start - 1] = length;
      return;
    }
    if (shift !== 0) {
      this.ensure(needed);
      this.data.copyWithin(start + shift, start, this.pos);
    }
    const end = this.pos + shift;
    this.pos = start - this.#lengthRoom;
    this.uint(length);
    this.pos = end;
  }

  byte(value: number): void {
    if (this.pos >= this.data.length) this.#grow(1);
    this.data[this.pos++] = value;
  }

  /** A field's step and a value, both below 128. */
  pair(step: number, value: number): void {
    if (this.pos + 2 > this.data.length) this.#grow(2);
    this.data[this.pos++] = step;
    this.data[this.pos++] = value;
  }

  /** A uint given as a number, 0 to 2^53-1 (not checked here). */
  uint(value: number): void {
    if (this.pos + 9 > this.data.length) this.#grow(9);
    if (value < 0x80) {
      this.data[this.pos++] = value;
      return;
    }
    if (value <= 0xffffffff) {
      this.#word(value);
      return;
    }
    this.words(Math.floor(value / 0x100000000), value >>> 0);
  }

  #word(value: number): void {
    const data = this.data;
    let pos = this.pos;
    if (value < 0x100) {
      data[pos++] = 0xff;
    } else if (value < 0x10000) {
      data[pos++] = 0xfe;
      data[pos++] = value >>> 8;
    } else if (value < 0x1000000) {
      data[pos++] = 0xfd;
      data[pos++] = value >>> 16;
      data[pos++] = value >>> 8;
    } else {
      data[pos++] = 0xfc;
      data[pos++] = value >>> 24;
      data[pos++] = value >>> 16;
      data[pos++] = value >>> 8;
    }
    data[pos++] = value;
    this.pos = pos;
  }

  /** A uint given as two unsigned 32-bit halves. */
  words(high: number, low: number): void {
    if (this.pos + 9 > this.data.length) this.#grow(9);
    if (high === 0) {
      if (low < 0x80) this.data[this.pos++] = low;
      else this.#word(low);
      return;
    }
    const data = this.data;
    let pos = this.pos;
    const bytes = high < 0x100 ? 1 : high < 0x10000 ? 2 : high < 0x1000000 ? 3 : 4;
    data[pos++] = 0xfc - bytes;
    for (let shift = (bytes - 1) * 8; shift >= 0; shift -= 8) data[pos++] = high >>> shift;
    data[pos++] = low >>> 24;
    data[pos++] = low >>> 16;
    data[pos++] = low >>> 8;
    data[pos++] = low;
    this.pos = pos;
  }

  /** An int given as a safe integer (not checked here). */
  int(value: number): void {
    if (value >= -0x40000000 && value < 0x40000000) {
      this.uint(((value << 1) ^ (value >> 31)) >>> 0);
      return;
    }
    // Beyond 31 bits the doubled value can pass 2^53, so the halves are made one by one.
    const negative = value < 0;
    const magnitude = negative ? -(value + 1) : value;
    const high = Math.floor(magnitude / 0x100000000);
    const low = magnitude >>> 0;
    this.words(((high << 1) | (low >>> 31)) >>> 0, ((low << 1) | (negative ? 1 : 0)) >>> 0);
  }

  /** A uint given as a bigint, 0 to 2^64-1 (not checked here). */
  bigUint(value: bigint): void {
    cellBig[0] = value;
    this.words(cellWords[highWord]!, cellWords[lowWord]!);
  }

  /** An int given as a bigint, -2^63 to 2^63-1 (not checked here). */
  bigInt(value: bigint): void {
    cellBig[0] = value;
    const high = cellWords[highWord]!;
    const low = cellWords[lowWord]!;
    const sign = high >> 31;
    this.words((((high << 1) | (low >>> 31)) ^ sign) >>> 0, ((low << 1) ^ sign) >>> 0);
  }

  /** A float by its value. NaN is sent as `nanLow` says: its low 32 bits (Go's `math.NaN` has 1 there). */
  float(value: number, nanLow = 1): void {
    if (Number.isNaN(value)) {
      this.floatWords(0x7ff80000, nanLow);
      return;
    }
    cellFloat[0] = value;
    if (cellBytes[lowByte] !== 0) {
      // All eight bytes are sent, as for most numbers that are no integers.
      if (this.pos + 9 > this.data.length) this.#grow(9);
      this.data[this.pos] = 0xf8;
      this.view.setFloat64(this.pos + 1, value, true);
      this.pos += 9;
      return;
    }
    this.floatWords(cellWords[highWord]!, cellWords[lowWord]!);
  }

  /** A float by the two halves of its IEEE 754 bits. */
  floatWords(high: number, low: number): void {
    cellView.setUint32(0, low, true);
    cellView.setUint32(4, high, true);
    this.words(cellView.getUint32(0), cellView.getUint32(4));
  }

  /** The bytes as they are, without their length. */
  raw(bytes: Uint8Array): void {
    this.ensure(bytes.length);
    if (bytes.length < 24) {
      const data = this.data;
      let pos = this.pos;
      for (let i = 0; i < bytes.length; i++) data[pos++] = bytes[i]!;
      this.pos = pos;
      return;
    }
    this.data.set(bytes, this.pos);
    this.pos += bytes.length;
  }

  /** A length and the bytes. */
  bytes(bytes: Uint8Array): void {
    this.uint(bytes.length);
    this.raw(bytes);
  }

  /** A length and the string's bytes, by the rule of `encodeUtf8`. */
  string(text: string): void {
    const length = text.length;
    this.ensure(9 + length * 3);
    if (length < 0x80) {
      // A bet on ASCII: then the length is right, and one loop does it all.
      const { data, pos } = this;
      let at = 0;
      let next = pos + 1;
      for (; at < length; at++) {
        const unit = text.charCodeAt(at);
        if (unit >= 0x80) break;
        data[next++] = unit;
      }
      if (at === length) {
        data[pos] = length;
        this.pos = next;
        return;
      }
    }
    const start = this.pos + 9;
    this.ensure(18 + length * 3);
    const end = encodeUtf8Into(text, this.data, start);
    this.uint(end - start);
    this.data.copyWithin(this.pos, start, end);
    this.pos += end - start;
  }

  /** Enters a container; an error past 10,000 levels, which only a value that contains itself reaches. */
  enter(): void {
    if (++this.depth > 10_000) {
      throw new GobError("nesting-too-deep", "value is nested deeper than 10000 levels");
    }
  }
}

function uintLength(value: number): number {
  if (value < 0x80) return 1;
  let bytes = 2;
  for (let rest = Math.floor(value / 0x100); rest > 0; rest = Math.floor(rest / 0x100)) bytes++;
  return bytes;
}
