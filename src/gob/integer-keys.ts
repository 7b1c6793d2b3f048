/** Maps up to this size are cheap whatever their keys. */
export const smallMap = 64;
/** The most new keys in one bucket between two doublings of the table, where one is usual. */
const mostInBucket = 20;

/**
 * Finds number and bigint keys of a `Map` that were chosen to fall into one bucket of the engine's table: V8 hashes
 * numbers the same way in every process, and 16,384 chosen ones (100 KB) take 1.6 s to insert, growing with the
 * square. Strings need no such check, as their hash is seeded.
 */
export class IntegerKeys {
  // As the engine's table: it doubles when it has two entries a bucket.
  #buckets = new Uint8Array(smallMap / 2);
  #entered = 0;

  /** Enters a key that is new in its map. Returns false when too many keys share its bucket. */
  add(key: unknown): boolean {
    let hash: number;
    if (typeof key === "number") hash = numberHash(key);
    else if (typeof key === "bigint") hash = bigintHash(key);
    else return true;
    if (++this.#entered > 2 * this.#buckets.length) this.#buckets = new Uint8Array(2 * this.#buckets.length);
    const bucket = hash & (this.#buckets.length - 1);
    this.#buckets[bucket]!++;
    return this.#buckets[bucket]! <= mostInBucket;
  }
}

const cell = new DataView(new ArrayBuffer(8));

function numberHash(key: number): number {
  if ((key | 0) === key) return hash32(key | 0);
  cell.setFloat64(0, key);
  return hash64(cell.getUint32(0), cell.getUint32(4));
}

function bigintHash(key: bigint): number {
  // Only the lowest 64 bits of the magnitude count.
  cell.setBigUint64(0, key < 0n ? -key : key);
  return hash64(cell.getUint32(0), cell.getUint32(4));
}

/** V8's ComputeUnseededHash (src/utils/utils.h). */
function hash32(key: number): number {
  let hash = (~key + (key << 15)) | 0;
  hash ^= hash >>> 12;
  hash = (hash + (hash << 2)) | 0;
  hash ^= hash >>> 4;
  hash = Math.imul(hash, 2057);
  hash ^= hash >>> 16;
  return hash & 0x3fffffff;
}

/** V8's ComputeLongHash (src/utils/utils.h), of a 64-bit integer in two words. */
function hash64(keyHigh: number, keyLow: number): number {
  // hash = ~hash + (hash << 18)
  let low = (~keyLow >>> 0) + ((keyLow << 18) >>> 0);
  let high = (~keyHigh + ((keyHigh << 18) | (keyLow >>> 14)) + (low > 0xffffffff ? 1 : 0)) >>> 0;
  low >>>= 0;
  // hash ^= hash >> 31
  low = (low ^ ((high << 1) | (low >>> 31))) >>> 0;
  high = (high ^ (high >>> 31)) >>> 0;
  // hash *= 21
  const product = low * 21;
  high = (Math.imul(high, 21) + Math.floor(product / 0x100000000)) >>> 0;
  low = product >>> 0;
  // hash ^= hash >> 11
  low = (low ^ ((high << 21) | (low >>> 11))) >>> 0;
  high = (high ^ (high >>> 11)) >>> 0;
  // hash += hash << 6
  const shifted = (low << 6) >>> 0;
  const sum = low + shifted;
  high = (high + ((high << 6) | (low >>> 26)) + (sum > 0xffffffff ? 1 : 0)) >>> 0;
  low = sum >>> 0;
  // hash ^= hash >> 22
  low = (low ^ ((high << 10) | (low >>> 22))) >>> 0;
  return low & 0x3fffffff;
}
