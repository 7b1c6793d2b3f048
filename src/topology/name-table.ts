import { type Flavour, PeerName } from "../peer-name.ts";

const nothing = new Uint8Array(0);

/** Room that is not given back between updates. */
const keptSlots = 128;

/**
 * Small numbers for the names that occur in one update, where the same few stand again and again: a clique of 1,000 peers names
 * each of them 1,000 times. A hash table over the bytes themselves, so that each name becomes a string only once.
 */
export class NameTable {
  /** By number, in the order of first occurrence. */
  readonly names: PeerName[] = [];
  /** By number, for the reader of the update: the start of the last list in which the name stood. */
  readonly lastLists: number[] = [];
  /** How many bytes each name has. */
  readonly width: number;
  #bytes: Uint8Array = nothing;
  readonly #flavour: Flavour;
  /** Where each name first stood. */
  readonly #starts: number[] = [];
  /** Number + 1 of the name in each slot, 0 where there is none; at most half of them are taken. */
  #slots = new Int32Array(keptSlots);

  constructor(flavour: Flavour) {
    this.#flavour = flavour;
    this.width = flavour === "mac" ? 6 : 16;
  }

  /** Begins with the names of another update, from whose bytes it reads. */
  reset(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.names.length = 0;
    this.lastLists.length = 0;
    this.#starts.length = 0;
    if (this.#slots.length > keptSlots) this.#slots = new Int32Array(keptSlots);
    else this.#slots.fill(0);
  }

  /** The number of the name that stands at this offset. */
  numberAt(offset: number): number {
    const mask = this.#slots.length - 1;
    let slot = this.#hash(offset) & mask;
    for (;;) {
      const number = this.#slots[slot]! - 1;
      if (number < 0) return this.#add(slot, offset);
      if (this.#equal(this.#starts[number]!, offset)) return number;
      slot = (slot + 1) & mask;
    }
  }

  #add(slot: number, offset: number): number {
    const number = this.names.length;
    const end = offset + this.width;
    this.names.push(PeerName.fromBytes(this.#bytes.subarray(offset, end), this.#flavour));
    this.#starts.push(offset);
    this.lastLists.push(-1);
    this.#slots[slot] = number + 1;
    if (this.names.length * 2 > this.#slots.length) this.#grow();
    return number;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 4);
    const mask = this.#slots.length - 1;
    for (const [number, start] of this.#starts.entries()) {
      let slot = this.#hash(start) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
    }
  }

  /** FNV-1a. Names that are made to collide cost their sender's neighbour time, but at most a frame's worth of them. */
  #hash(offset: number): number {
    const bytes = this.#bytes;
    let hash = 0x811c9dc5;
    for (let i = offset, end = offset + this.width; i < end; i++)
      hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    return hash ^ (hash >>> 15);
  }

  #equal(a: number, b: number): boolean {
    const bytes = this.#bytes;
    for (let i = 0; i < this.width; i++) if (bytes[a + i] !== bytes[b + i]) return false;
    return true;
  }
}
