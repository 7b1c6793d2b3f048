/** A multiset of strings. */
export class Multiset {
  readonly #counts = new Map<string, number>();

  /** Adds one occurrence of a text. */
  add(text: string): void {
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
  }

  /** Removes one occurrence of a text; it must have been added. */
  remove(text: string): void {
    const left = this.#counts.get(text)! - 1;
    if (left === 0) this.#counts.delete(text);
    else this.#counts.set(text, left);
  }

  /** The number of different texts. */
  get size(): number {
    return this.#counts.size;
  }

  /** Whether a text occurs at least once. */
  has(text: string): boolean {
    return this.#counts.has(text);
  }
}
