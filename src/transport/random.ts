import { createHash, randomFillSync } from "node:crypto";

/** A source of chance. Handed in wherever the mesh draws a number, so that a seed can repeat a whole run. */
export interface Random {
  /** `length` random bytes in a buffer of their own. */
  bytes(length: number): Uint8Array;
  /** A whole number, uniform over 0 to `below` - 1; `below` is a whole number from 1 to 2^53, else a RangeError. */
  int(below: number): number;
}

/** Draws 32 random bits. */
type Draw32 = () => number;

/**
 * A uniform number below `below`, by drawing again whenever the bits fall in the incomplete last multiple of `below`.
 */
function uniform(draw: Draw32, below: number): number {
  if (!(below >= 1 && below <= 2 ** 53 && Number.isInteger(below))) {
    throw new RangeError(`random number below ${below}: the bound must be a whole number from 1 to 2^53`);
  }
  const range = below <= 2 ** 32 ? 2 ** 32 : 2 ** 53;
  const limit = range - (range % below);
  for (;;) {
    // Of the 53 bits the upper 21 come from the first draw.
    const value = range === 2 ** 32 ? draw() : (draw() >>> 11) * 2 ** 32 + draw();
    if (value < limit) return value % below;
  }
}

const poolBytes = 4096;
const pool = new Uint8Array(poolBytes);
let poolUsed = poolBytes;

/** Up to 16 bytes of the system's randomness, fetched a page at a time; what was given out is wiped from the page. */
function fewBytes(length: number): Uint8Array {
  if (poolUsed + length > poolBytes) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  const bytes = pool.slice(poolUsed, poolUsed + length);
  pool.fill(0, poolUsed, poolUsed + length);
  poolUsed += length;
  return bytes;
}

/**
 * The operating system's randomness (`node:crypto`), fit for keys. What is long enough for a key never comes from a buffer
 * that is kept.
 */
export const systemRandom: Random = {
  bytes: (length) => (length <= 16 ? fewBytes(length) : randomFillSync(new Uint8Array(length))),
  int: (below) =>
    uniform(() => {
      const bytes = fewBytes(4);
      return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
    }, below),
};

/**
 * Randomness that a seed repeats exactly: xoshiro128**, its state the first 16 bytes of the seed's SHA-256, so that
 * near seeds share nothing. A number and its decimal text are the same seed. Not for keys that guard anything.
 */
export function seededRandom(seed: number | string): Random {
  const digest = createHash("sha256").update(String(seed)).digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let d = digest.readInt32LE(12);
  const draw = (): number => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return {
    bytes: (length) => {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at += 4) {
        const word = draw();
        // Bytes past the end of the array are ignored.
        bytes[at] = word;
        bytes[at + 1] = word >>> 8;
        bytes[at + 2] = word >>> 16;
        bytes[at + 3] = word >>> 24;
      }
      return bytes;
    },
    int: (below) => uniform(draw, below),
  };
}
