/** Texts that are there, each perhaps several times. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** One more of it. */
  add(text: string): void {
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
  }

  /** One less; it must have been added. */
  remove(text: string): void {
    const left = this.#counts.get(text)! - 1;
    if (left === 0) this.#counts.delete(text);
    else this.#counts.set(text, left);
  }

  /** How many different ones there are. */
  get size(): number {
    return this.#counts.size;
  }

  has(text: string): boolean {
    return this.#counts.has(text);
  }
}
