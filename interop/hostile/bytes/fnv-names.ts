/**
 * Peer names of 6 bytes that collide in an unseeded FNV-1a table whose final step is `hash ^ (hash >>> 15)`.
 *
 * Of the 2^48 names about 65,536 share one 32-bit hash. For more, hashes are used that agree in the low 22 bits
 * after the final step, which is more than a table for a 10 MiB update uses.
 *
 * @param prefixBits how many of the 24 bits of the first half of a name may vary. Fewer are found more slowly, in less
 * memory: the table of prefixes takes 2^prefixBits times 8 bytes.
 * @returns the names, 6 bytes each, one after the other.
 */
export function collidingNames(count: number, prefixBits = 24): Buffer {
  const search = new Search(count, prefixBits);
  for (let high = 0; search.found < count; high++) search.add(withFinalStepUndone((high << 22) | 0x2a5a5a));
  return search.names;
}

const prime = 0x01000193;
const inverse = 0x359c449b; // of the prime, modulo 2^32
const offsetBasis = 0x811c9dc5 | 0;

/** The FNV-1a hash of a name, without the final step. */
export function fnv1a(bytes: Uint8Array): number {
  let hash = offsetBasis;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, prime);
  return hash >>> 0;
}

/** Undoes `hash ^ (hash >>> 15)`. */
function withFinalStepUndone(value: number): number {
  return value ^ ((value ^ (value >>> 15)) >>> 15);
}

function hashOfPrefix(prefix: number): number {
  const first = Math.imul(offsetBasis ^ (prefix >> 16), prime);
  const second = Math.imul(first ^ ((prefix >> 8) & 0xff), prime);
  return Math.imul(second ^ (prefix & 0xff), prime);
}

/** Meets in the middle: hashes after three bytes from the front, hashes before three bytes from the back. */
class Search {
  readonly names: Buffer;
  found = 0;
  readonly #count: number;
  readonly #shift: number;
  readonly #mask: number;
  /** Prefix + 1 by slot; 0 is a free slot. */
  readonly #prefixes: Int32Array;

  constructor(count: number, prefixBits: number) {
    this.#count = count;
    this.names = Buffer.alloc(count * 6);
    const slotBits = prefixBits + 1;
    this.#shift = 32 - slotBits;
    this.#mask = (1 << slotBits) - 1;
    this.#prefixes = new Int32Array(1 << slotBits);
    for (let prefix = 0; prefix < 1 << prefixBits; prefix++) {
      let slot = this.#slotOf(hashOfPrefix(prefix));
      while (this.#prefixes[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#prefixes[slot] = prefix + 1;
    }
  }

  /** Adds names with this hash, until there are enough. */
  add(hash: number): void {
    const last = Math.imul(hash, inverse);
    for (let suffix = 0; suffix < 1 << 24 && this.found < this.#count; suffix++) {
      const middle = Math.imul(last ^ (suffix & 0xff), inverse) ^ ((suffix >> 8) & 0xff);
      this.#complete(Math.imul(middle, inverse) ^ (suffix >> 16), suffix);
    }
  }

  #complete(wanted: number, suffix: number): void {
    const prefixes = this.#prefixes;
    for (let slot = this.#slotOf(wanted); ; slot = (slot + 1) & this.#mask) {
      const prefix = prefixes[slot]! - 1;
      if (prefix < 0) return;
      if (hashOfPrefix(prefix) !== wanted || this.found === this.#count) continue;
      this.names.writeUIntBE(prefix, this.found * 6, 3);
      this.names.writeUIntBE(suffix, this.found++ * 6 + 3, 3);
    }
  }

  #slotOf(hash: number): number {
    return Math.imul(hash, 0x9e3779b1 | 0) >>> this.#shift;
  }
}
