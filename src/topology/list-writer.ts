import { encodeUtf8 } from "../gob/index.ts";
import type { PeerName } from "../peer-name.ts";

/** The size in bytes above which a list is kept in an array of its own instead of a string. */
const longList = 4096;

/** The number of bytes that are kept allocated between updates. */
const keptBytes = 4096;

/** The greatest number of bytes of an element besides its name and its address. */
const elementBytes = 20;

const noBytes = new Uint8Array(0);

/** A list of connections as GossipedConnections keeps it. */
export interface WrittenList {
  /** The numbers of the far ends, each once. */
  readonly numbers: Int32Array;
  /** The elements, one for each far end. */
  readonly encoded: Uint8Array | string;
  readonly allEstablished: boolean;
}

/**
 * Writes lists of connections in the form that GossipedConnections keeps, which is the one that Go writes. If a far end stands in
 * a list several times, its last element takes the place of the first.
 */
export class ListWriter {
  /** By number, in the order of first occurrence. */
  readonly names: PeerName[] = [];
  readonly #numbers = new Map<PeerName, number>();
  /** For each name its place in the present list, if `#lists` says that it stands there. */
  readonly #places: number[] = [];
  readonly #lists: number[] = [];
  #list = 0;
  #bytes = new Uint8Array(keptBytes);
  #length = 0;
  /** For each far end of the present list its number, and its element in `#bytes`. */
  #far: number[] = [];
  #starts: number[] = [];
  #ends: number[] = [];
  #established: boolean[] = [];
  #isRepeated = false;

  /** Adds a connection to the present list. `nameBytes`: the name's own bytes. */
  add(name: PeerName, nameBytes: Uint8Array, address: string, outbound: boolean, established: boolean): void {
    const start = this.#length;
    this.#write(nameBytes, address, outbound, established);
    const number = this.numberOf(name);
    let place = this.#far.length;
    if (this.#lists[number] === this.#list) {
      place = this.#places[number]!;
      this.#isRepeated = true;
    }
    this.#lists[number] = this.#list;
    this.#places[number] = place;
    this.#far[place] = number;
    this.#starts[place] = start;
    this.#ends[place] = this.#length;
    this.#established[place] = established;
  }

  /** Ends the present list and begins the next one. */
  finish(): WrittenList {
    const written = {
      numbers: Int32Array.from(this.#far),
      encoded: this.#isRepeated ? keep(this.#gather()) : keep(this.#bytes, 0, this.#length),
      allEstablished: this.#established.every((established) => established),
    };
    this.#list++;
    this.#length = 0;
    this.#far = [];
    this.#starts = [];
    this.#ends = [];
    this.#established = [];
    this.#isRepeated = false;
    if (this.#bytes.length > keptBytes) this.#bytes = new Uint8Array(keptBytes);
    return written;
  }

  /** Returns the number of a name, which is added if it is new. */
  numberOf(name: PeerName): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.names.length;
      this.#numbers.set(name, number);
      this.names.push(name);
      this.#lists.push(-1);
      this.#places.push(0);
    }
    return number;
  }

  /** The last element of each far end, in the order of their first ones. */
  #gather(): Uint8Array {
    const elements = this.#starts.map((start, place) => this.#bytes.subarray(start, this.#ends[place]!));
    return Buffer.concat(elements);
  }

  #write(name: Uint8Array, address: string, outbound: boolean, established: boolean): void {
    const addressBytes = address === "" ? noBytes : encodeUtf8(address);
    this.#reserve(name.length + addressBytes.length + elementBytes);
    // The number of the last field that was written, which the next one is told from.
    let field = this.#writeBytes(name, 1, 0);
    field = this.#writeBytes(addressBytes, 2, field);
    field = this.#writeFlag(outbound, 3, field);
    this.#writeFlag(established, 4, field);
    this.#bytes[this.#length++] = 0;
  }

  /** Writes a field of bytes unless there are none. Returns the number of the last field that is there. */
  #writeBytes(value: Uint8Array, field: number, last: number): number {
    if (value.length === 0) return last;
    this.#bytes[this.#length++] = field - last;
    if (value.length < 0x80) {
      this.#bytes[this.#length++] = value.length;
    } else {
      const length = encodeUint(value.length);
      this.#bytes.set(length, this.#length);
      this.#length += length.length;
    }
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return field;
  }

  /** Writes a field that is true. Returns the number of the last field that is there. */
  #writeFlag(value: boolean, field: number, last: number): number {
    if (!value) return last;
    this.#bytes[this.#length++] = field - last;
    this.#bytes[this.#length++] = 1;
    return field;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.#length + more, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }
}

/**
 * Copies the bytes of a list into the form that takes least: short ones as a string with a character for each byte, which takes
 * 16 bytes more than its contents where an array takes 200; long ones as an array, outside the heap that is collected.
 */
export function keep(bytes: Uint8Array, start = 0, end: number = bytes.length): Uint8Array | string {
  return end - start >= longList
    ? new Uint8Array(bytes.subarray(start, end))
    : Buffer.prototype.latin1Slice.call(bytes, start, end);
}

/** A gob uint below 2^32: itself below 128, else the negated count of bytes and then the bytes, the highest first. */
export function encodeUint(value: number): Uint8Array {
  if (value < 0x80) return Uint8Array.of(value);
  const bytes = [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
  const leading = Math.clz32(value) >> 3;
  return Uint8Array.of(0x100 - (4 - leading), ...bytes.slice(leading));
}
