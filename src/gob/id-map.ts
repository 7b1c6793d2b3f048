/** Ids below this are few enough that no choice of them makes a table of numbers slow. */
const fewIds = 2 ** 16;

/**
 * A table by the type ids of a stream. The engine's hash of numbers is the same in every process, so a sender
 * could choose ids that all fall into one bucket. Ids of 2^16 and more, which no Go process has, are therefore
 * kept by their text, whose hash is seeded.
 */
export class IdMap<T> {
  readonly #few = new Map<number, T>();
  #many: Map<string, T> | undefined;

  get size(): number {
    return this.#few.size + (this.#many?.size ?? 0);
  }

  get(id: number): T | undefined {
    return id >= 0 && id < fewIds ? this.#few.get(id) : this.#many?.get(`id ${id}`);
  }

  has(id: number): boolean {
    return id >= 0 && id < fewIds ? this.#few.has(id) : this.#many?.has(`id ${id}`) === true;
  }

  set(id: number, value: T): void {
    if (id >= 0 && id < fewIds) {
      this.#few.set(id, value);
    } else {
      this.#many ??= new Map();
      this.#many.set(`id ${id}`, value);
    }
  }

  delete(id: number): void {
    if (id >= 0 && id < fewIds) this.#few.delete(id);
    else this.#many?.delete(`id ${id}`);
  }
}
