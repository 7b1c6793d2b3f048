import { type Random, seededRandom } from "../../src/transport/index.ts";
import type { FuzzInput } from "./targets.ts";

/** The most bytes of one input. */
const longest = 1 << 16;

/** Inputs made from good ones by damage to their bytes, the same for the same seed. */
export class ByteMutator {
  readonly #random: Random;
  readonly #seeds: readonly Uint8Array[];

  constructor(seed: number, seeds: readonly Uint8Array[]) {
    this.#random = seededRandom(`fuzz ${seed}`);
    this.#seeds = seeds;
  }

  /** One damaged input. */
  next(): FuzzInput {
    const origin = this.#random.int(this.#seeds.length);
    let bytes: Buffer = Buffer.from(this.#seeds[origin]!);
    for (let times = 1 + this.#random.int(4); times > 0; times--) bytes = this.#damage(bytes);
    return { bytes: new Uint8Array(bytes.subarray(0, longest)), origin };
  }

  #damage(bytes: Buffer): Buffer {
    const at = this.#random.int(bytes.length + 1);
    const head = bytes.subarray(0, at);
    const tail = bytes.subarray(at);
    switch (this.#random.int(7)) {
      case 0:
        return Buffer.concat([head, this.#random.bytes(1), tail.subarray(1)]);
      case 1:
        return Buffer.concat([
          head,
          Uint8Array.of((tail[0] ?? 0) ^ (1 << this.#random.int(8))),
          tail.subarray(1),
        ]);
      case 2:
        return Buffer.concat([head, tail.subarray(this.#random.int(16))]);
      case 3:
        return Buffer.concat([head, this.#random.bytes(this.#random.int(8)), tail]);
      case 4: {
        const piece = tail.subarray(0, 1 + this.#random.int(64));
        const times = Math.min(1 << this.#random.int(14), Math.floor(longest / (piece.length || 1)));
        return Buffer.concat([
          head,
          ...new Array<Uint8Array>(times).fill(piece),
          tail.subarray(piece.length),
        ]);
      }
      case 5: {
        // A number at the edge of something.
        const edge = [0, 1, 0x7f, 0x80, 0xff][this.#random.int(5)]!;
        const width = 1 + this.#random.int(8);
        return Buffer.concat([head, new Uint8Array(width).fill(edge), tail.subarray(width)]);
      }
      default: {
        const other = this.#seeds[this.#random.int(this.#seeds.length)]!;
        return Buffer.concat([head, other.subarray(this.#random.int(other.length + 1))]);
      }
    }
  }
}
