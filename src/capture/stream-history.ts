import type { MemoryBudget } from "./memory-budget.ts";

/** The most delivered bytes that one direction of a connection keeps to compare retransmissions with. */
export const maxHistoryBytes = 64 * 1024;
const firstHistoryBytes = 256;

/** A range of bytes in which two copies differ: from the first different byte to the last. */
export interface Difference {
  /** Offset in the stream. */
  readonly from: number;
  readonly length: number;
}

/**
 * The last bytes that were delivered of a stream, up to {@link maxHistoryBytes}: a ring that grows as bytes come and as
 * the shared budget allows. Without memory it keeps fewer bytes, and older retransmissions are not compared.
 */
export class StreamHistory {
  readonly #budget: MemoryBudget;
  #ring: Uint8Array = new Uint8Array(0);
  /** The number of bytes kept; they end at `#end`. */
  #length = 0;
  /** Offset in the stream of the byte after the last one kept. */
  #end = 0;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** Adds the bytes at `from`, which must not be before the end of those kept; after a gap only these are kept. */
  append(from: number, bytes: Uint8Array): void {
    if (from !== this.#end) this.#length = 0;
    const wanted = Math.min(maxHistoryBytes, this.#length + bytes.length);
    if (wanted > this.#ring.length) this.#grow(wanted);
    const capacity = this.#ring.length;
    this.#end = from + bytes.length;
    if (capacity === 0) return;
    const kept = bytes.length > capacity ? bytes.subarray(bytes.length - capacity) : bytes;
    const at = (this.#end - kept.length) % capacity;
    const untilWrap = Math.min(kept.length, capacity - at);
    this.#ring.set(kept.subarray(0, untilWrap), at);
    this.#ring.set(kept.subarray(untilWrap), 0);
    this.#length = Math.min(capacity, this.#length + kept.length);
  }

  /** The range in which the bytes at `from` differ from those kept; undefined if they agree as far as they are kept. */
  compare(from: number, bytes: Uint8Array): Difference | undefined {
    const capacity = this.#ring.length;
    const start = Math.max(from, this.#end - this.#length);
    const end = Math.min(from + bytes.length, this.#end);
    let first = -1;
    let last = -1;
    for (let at = start; at < end; at++) {
      if (this.#ring[at % capacity] === bytes[at - from]) continue;
      if (first === -1) first = at;
      last = at;
    }
    return first === -1 ? undefined : { from: first, length: last - first + 1 };
  }

  /** Forgets all bytes and gives back their memory. */
  clear(): void {
    this.#budget.release(this.#ring.length);
    this.#ring = new Uint8Array(0);
    this.#length = 0;
  }

  #grow(wanted: number): void {
    let capacity = Math.max(firstHistoryBytes, this.#ring.length);
    while (capacity < wanted) capacity *= 2;
    if (!this.#budget.take(capacity - this.#ring.length)) return;
    const larger = new Uint8Array(capacity);
    for (let at = this.#end - this.#length; at < this.#end; at++) {
      larger[at % capacity] = this.#ring[at % this.#ring.length]!;
    }
    this.#ring = larger;
  }
}
