/** A limit of memory, in bytes, that several owners share. */
export class MemoryBudget {
  readonly limit: number;
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** The number of bytes that are taken. */
  get used(): number {
    return this.#used;
  }

  /** Takes bytes; returns false, and takes nothing, if they would exceed the limit. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.limit) return false;
    this.#used += bytes;
    return true;
  }

  /** Gives back bytes that were taken. */
  release(bytes: number): void {
    this.#used -= bytes;
  }
}
