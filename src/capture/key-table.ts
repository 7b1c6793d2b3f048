const keyBytes = 32;
const firstCapacity = 64;

/**
 * Records of one size that begin with a key of 32 bytes, in one piece of memory and in the order in which they were
 * added; found by their key through a hash table with a random seed. A million keys of 32 bytes take about 50 MB.
 */
export class KeyTable {
  readonly #recordBytes: number;
  readonly #seed: number;
  #records: Uint8Array;
  #count = 0;
  /** Indices of records plus 1, by hash; twice as many places as there is memory for records. */
  #places: Uint32Array;

  /** `seed` is a random number of 32 bits, so that nobody can choose keys that collide. */
  constructor(recordBytes: number, seed: number) {
    this.#recordBytes = recordBytes;
    this.#seed = seed;
    this.#records = new Uint8Array(firstCapacity * recordBytes);
    this.#places = new Uint32Array(2 * firstCapacity);
  }

  /** The number of records. */
  get count(): number {
    return this.#count;
  }

  /** The record at an index, as a view that must not be kept across `set`. */
  at(index: number): Uint8Array {
    return this.#records.subarray(index * this.#recordBytes, (index + 1) * this.#recordBytes);
  }

  /** The record with this key, as `at` gives it. */
  get(key: Uint8Array): Uint8Array | undefined {
    const index = this.#places[this.#placeOf(key)]!;
    return index === 0 ? undefined : this.at(index - 1);
  }

  /** Adds a record, which is copied, or puts it in the place of the one with the same key. */
  set(record: Uint8Array): void {
    const place = this.#placeOf(record);
    const known = this.#places[place]!;
    if (known > 0) {
      this.at(known - 1).set(record);
      return;
    }
    this.#records.set(record, this.#count * this.#recordBytes);
    this.#places[place] = ++this.#count;
    if (this.#count * this.#recordBytes === this.#records.length) this.#grow();
  }

  /** The place of a key in the hash table, or the empty one where it belongs. */
  #placeOf(key: Uint8Array): number {
    const mask = this.#places.length - 1;
    for (let place = this.#hash(key) & mask; ; place = (place + 1) & mask) {
      const index = this.#places[place]!;
      if (index === 0 || this.#hasKey(index - 1, key)) return place;
    }
  }

  #hasKey(index: number, key: Uint8Array): boolean {
    const start = index * this.#recordBytes;
    for (let at = 0; at < keyBytes; at++) if (this.#records[start + at] !== key[at]) return false;
    return true;
  }

  /** Mixes the seed with each word of the key, so that collisions cannot be found without the seed. */
  #hash(key: Uint8Array): number {
    let hash = this.#seed;
    for (let at = 0; at < keyBytes; at += 4) {
      const word = key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24);
      hash = Math.imul(hash ^ word, 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 13) ^ this.#seed, 0xc2b2ae35);
      hash ^= hash >>> 16;
    }
    return hash >>> 0;
  }

  #grow(): void {
    const records = new Uint8Array(2 * this.#records.length);
    records.set(this.#records);
    this.#records = records;
    this.#places = new Uint32Array(2 * this.#places.length);
    for (let index = 0; index < this.#count; index++) this.#places[this.#placeOf(this.at(index))] = index + 1;
  }
}
