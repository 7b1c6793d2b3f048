import { createHash } from "node:crypto";

/**
 * Chance for the runner, reproducible from a text: each draw is a block of SHA-256(seed || counter).
 * A scenario's names, payloads and choices come from here, so `--seed` repeats a run as far as the peers
 * themselves (which draw their own identifiers) allow.
 */
export class SeededRandom {
  readonly #seed: string;
  #counter = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** `length` uniformly random bytes, owned by the caller. */
  bytes(length: number): Uint8Array {
    const result = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += 32) {
      const block = createHash("sha256")
        .update(`${this.#seed}#${this.#counter++}`)
        .digest();
      result.set(block.subarray(0, Math.min(32, length - offset)), offset);
    }
    return result;
  }

  /** A uniform integer in 0..below-1; `below` is at most 2^32. */
  int(below: number): number {
    return Math.floor((Buffer.from(this.bytes(6)).readUIntBE(0, 6) / 2 ** 48) * below);
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.int(items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
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
