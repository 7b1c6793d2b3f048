import type { MemoryBudget } from "./memory-budget.ts";
import type { Difference } from "./stream-history.ts";

const pageBytes = 4096;
/** The memory of a page: its bytes and the state of each. */
const pageCost = 2 * pageBytes;
/** Delivered in pieces of at most so many bytes. */
const maxRunBytes = 16 * pageBytes;

/** The states of a byte: not received; received and captured; received, but cut off by the capture. */
const absent = 0;
const captured = 1;
const cut = 2;

interface Page {
  readonly bytes: Uint8Array;
  readonly states: Uint8Array;
}

/** A run of bytes: what was captured of them, or undefined if the capture cut them off. */
export interface PendingRun {
  readonly length: number;
  readonly bytes: Uint8Array | undefined;
}

/**
 * The bytes of a stream that arrived ahead of a hole, in pages by their offset. The cost of a segment depends on its
 * length only, not on how many others are pending. Of two copies of a byte the one that came first is kept.
 */
export class PendingBytes {
  readonly #budget: MemoryBudget;
  /** By number. At most 2,049 neighbours, those of one window: chosen numbers cannot collide often in the table. */
  readonly #pages = new Map<number, Page>();
  #count = 0;
  #islands = 0;
  /** Offset of the first pending byte; not after it. */
  #first = 0;
  /** The page in which the last run ended; it is dropped when a run begins after it. */
  #partlyRead = -1;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** The number of bytes that are pending. */
  get count(): number {
    return this.#count;
  }

  /** The number of pending ranges, with a hole before each. */
  get islands(): number {
    return this.#islands;
  }

  /** The offset of the first pending byte. There must be one. */
  get first(): number {
    for (;;) {
      const number = Math.floor(this.#first / pageBytes);
      const states = this.#pages.get(number)?.states;
      if (states !== undefined) {
        for (let index = this.#first % pageBytes; index < pageBytes; index++) {
          if (states[index] === absent) continue;
          this.#first = number * pageBytes + index;
          return this.#first;
        }
      }
      this.#first = (number + 1) * pageBytes;
    }
  }

  /**
   * Adds `length` bytes at `from`, of which `bytes` were captured. Returns the range in which captured copies differ;
   * `full`, and adds nothing, if the budget has no memory for them.
   */
  add(from: number, bytes: Uint8Array, length: number): Difference | "full" | undefined {
    if (!this.#reserve(from, from + length)) return "full";
    if (this.#count === 0 || from < this.#first) this.#first = from;
    let first = -1;
    let last = -1;
    let wasPending = this.#isPending(from - 1);
    // Afterwards the range is one island, or part of the one before it.
    if (!wasPending) this.#islands++;
    for (let at = from; at < from + length; ) {
      const { bytes: kept, states } = this.#pages.get(Math.floor(at / pageBytes))!;
      const start = at % pageBytes;
      const stop = Math.min(pageBytes, start + from + length - at);
      for (let index = start; index < stop; index++) {
        const offset = at - from + index - start;
        const state = states[index];
        if (state === absent) this.#count++;
        else if (!wasPending) this.#islands--;
        wasPending = state !== absent;
        if (offset >= bytes.length) {
          if (state === absent) states[index] = cut;
        } else if (state !== captured) {
          states[index] = captured;
          kept[index] = bytes[offset]!;
        } else if (kept[index] !== bytes[offset]) {
          last = from + offset;
          if (first === -1) first = last;
        }
      }
      at += stop - start;
    }
    if (!wasPending && this.#isPending(from + length)) this.#islands--;
    return first === -1 ? undefined : { from: first, length: last - first + 1 };
  }

  /** Takes the run of pending bytes that begins at `from`, where nothing is pending before; undefined if there is none. */
  take(from: number): PendingRun | undefined {
    if (this.#count === 0) return undefined;
    const state = this.#pages.get(Math.floor(from / pageBytes))?.states[from % pageBytes] ?? absent;
    if (state === absent) return undefined;
    const length = this.#runLength(from, state);
    const bytes = state === captured ? new Uint8Array(length) : undefined;
    if (this.#partlyRead < Math.floor(from / pageBytes)) this.#drop(this.#partlyRead);
    for (let at = from; at < from + length; ) {
      const number = Math.floor(at / pageBytes);
      const page = this.#pages.get(number)!;
      const start = at % pageBytes;
      const stop = Math.min(pageBytes, start + from + length - at);
      bytes?.set(page.bytes.subarray(start, stop), at - from);
      page.states.fill(absent, start, stop);
      at += stop - start;
      // Nothing is pending before a run: a page that is read to its end is empty.
      if (stop === pageBytes) this.#drop(number);
      else this.#partlyRead = number;
    }
    this.#count -= length;
    if (!this.#isPending(from + length)) this.#islands--;
    this.#first = from + length;
    if (this.#count === 0) this.clear();
    return { length, bytes };
  }

  /** Forgets all bytes and gives back their memory. */
  clear(): void {
    this.#budget.release(this.#pages.size * pageCost);
    this.#pages.clear();
    this.#count = 0;
    this.#islands = 0;
    this.#partlyRead = -1;
  }

  #runLength(from: number, state: number): number {
    let length = 0;
    for (;;) {
      const start = (from + length) % pageBytes;
      const states = this.#pages.get(Math.floor((from + length) / pageBytes))?.states;
      if (states === undefined) return length;
      const limit = Math.min(pageBytes, start + maxRunBytes - length);
      let index = start;
      while (index < limit && states[index] === state) index++;
      length += index - start;
      if (index < pageBytes) return length;
    }
  }

  #isPending(offset: number): boolean {
    const states = this.#pages.get(Math.floor(offset / pageBytes))?.states;
    return states !== undefined && states[offset % pageBytes] !== absent;
  }

  #drop(number: number): void {
    if (this.#pages.delete(number)) this.#budget.release(pageCost);
  }

  #reserve(from: number, to: number): boolean {
    let missing = 0;
    const last = Math.floor((to - 1) / pageBytes);
    for (let page = Math.floor(from / pageBytes); page <= last; page++) {
      if (!this.#pages.has(page)) missing++;
    }
    if (!this.#budget.take(missing * pageCost)) return false;
    for (let page = Math.floor(from / pageBytes); page <= last && missing > 0; page++) {
      if (this.#pages.has(page)) continue;
      this.#pages.set(page, { bytes: new Uint8Array(pageBytes), states: new Uint8Array(pageBytes) });
    }
    return true;
  }
}
