import { type Flavour, PeerName } from "../peer-name.ts";
import type { Random } from "../transport/index.ts";

const nothing = new Uint8Array(0);

/** The number of chains that are kept allocated between updates. */
const keptChains = 128;

/**
 * Small numbers for the names that occur in one update. The same few names occur again and again: a clique of 1,000 peers names
 * each of them 1,000 times. The hash table works on the bytes themselves, so that each name becomes a string only once.
 *
 * The hash is a sum of the bytes, each multiplied by its own random factor, of which the highest bits count. For any two names
 * the probability of the same chain is that of two random numbers, whatever the names are, so a sender that does not know the
 * factors cannot make names collide. Chains, not probing: their length depends on such pairs only.
 */
export class NameTable {
  /** By number, in the order of first occurrence. */
  readonly names: PeerName[] = [];
  /** By number, for the reader of the update: the start of the last list in which the name stood. */
  readonly lastLists: number[] = [];
  /** The number of bytes of each name. */
  readonly width: number;
  #bytes: Uint8Array = nothing;
  readonly #flavour: Flavour;
  /** A random factor of 32 bits for each byte of a name, and one summand. */
  readonly #factors: Int32Array;
  /** Offset of each name's first occurrence. */
  #starts = new Int32Array(keptChains);
  /** For each name the number + 1 of the next one in its chain, 0 at the end. */
  #next = new Int32Array(keptChains);
  /** For each chain the number + 1 of its first name, 0 if it is empty. Their count is a power of two. */
  #chains = new Int32Array(keptChains);
  #shift = shiftFor(keptChains);

  /** `random` gives the factors of the hash, once. */
  constructor(flavour: Flavour, random: Random) {
    this.#flavour = flavour;
    this.width = flavour === "mac" ? 6 : 16;
    const bytes = random.bytes((this.width + 1) * 4);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#factors = Int32Array.from({ length: this.width + 1 }, (_, i) => view.getInt32(i * 4));
  }

  /** Begins with the names of another update, from whose bytes it reads. */
  reset(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.names.length = 0;
    this.lastLists.length = 0;
    if (this.#chains.length === keptChains) {
      this.#chains.fill(0);
      return;
    }
    this.#allocate(keptChains);
    this.#starts = new Int32Array(keptChains);
    this.#next = new Int32Array(keptChains);
  }

  /** Returns the number of the name at this offset, which is added if it is new. */
  numberAt(offset: number): number {
    const chain = this.#hash(offset) >>> this.#shift;
    for (let link = this.#chains[chain]!; link !== 0; link = this.#next[link - 1]!) {
      if (this.#equal(this.#starts[link - 1]!, offset)) return link - 1;
    }
    return this.#add(chain, offset);
  }

  #add(firstChain: number, offset: number): number {
    let chain = firstChain;
    const number = this.names.length;
    if (number === this.#chains.length) {
      this.#grow();
      chain = this.#hash(offset) >>> this.#shift;
    }
    const end = offset + this.width;
    this.names.push(PeerName.fromBytes(this.#bytes.subarray(offset, end), this.#flavour));
    this.lastLists.push(-1);
    this.#starts[number] = offset;
    this.#next[number] = this.#chains[chain]!;
    this.#chains[chain] = number + 1;
    return number;
  }

  #grow(): void {
    const starts = this.#starts;
    const names = this.#chains.length;
    this.#allocate(names * 4);
    this.#starts = new Int32Array(names * 4);
    this.#next = new Int32Array(names * 4);
    this.#starts.set(starts);
    for (let number = 0; number < names; number++) {
      const chain = this.#hash(starts[number]!) >>> this.#shift;
      this.#next[number] = this.#chains[chain]!;
      this.#chains[chain] = number + 1;
    }
  }

  #allocate(chains: number): void {
    this.#chains = new Int32Array(chains);
    this.#shift = shiftFor(chains);
  }

  #hash(offset: number): number {
    const bytes = this.#bytes;
    const factors = this.#factors;
    const { width } = this;
    let hash = factors[width]!;
    for (let i = 0; i < width; i++) hash = (hash + Math.imul(factors[i]!, bytes[offset + i]!)) | 0;
    return hash;
  }

  #equal(a: number, b: number): boolean {
    const bytes = this.#bytes;
    for (let i = 0; i < this.width; i++) if (bytes[a + i] !== bytes[b + i]) return false;
    return true;
  }
}

/** The shift that leaves as many of 32 bits as it takes to number the chains. */
function shiftFor(chains: number): number {
  return Math.clz32(chains) + 1;
}
