import { type Random, seededRandom } from "../../src/testing.ts";

/**
 * The package's seeded randomness, with choices from lists. Names, payloads and choices of a scenario come from here, so
 * that `--seed` repeats a run as far as the peers themselves (which draw their own identifiers) allow.
 */
export class SeededRandom implements Random {
  readonly #source: Random;

  constructor(seed: string) {
    this.#source = seededRandom(seed);
  }

  /** `length` random bytes, owned by the caller. */
  bytes(length: number): Uint8Array {
    return this.#source.bytes(length);
  }

  /** A uniform integer from 0 to `below` - 1; `below` is from 1 to 2^53. @throws RangeError for another bound. */
  int(below: number): number {
    return this.#source.int(below);
  }

  /** Returns one of the items. @throws Error for an empty list. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error("nothing to pick from");
    return items[this.int(items.length)]!;
  }

  /** A copy of the items in random order. */
  shuffle<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
  }
}
