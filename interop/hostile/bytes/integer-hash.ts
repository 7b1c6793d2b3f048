/**
 * The hash that V8 gives an integer below 2^31 as the key of a Map or Set (`ComputeUnseededHash` in its
 * src/utils/utils.h). Unlike that of strings it has no seed, so keys can be chosen that all share a bucket.
 */
export function integerHash(key: number): number {
  let hash = key | 0;
  hash = (~hash + (hash << 15)) | 0;
  hash ^= hash >>> 12;
  hash = (hash + (hash << 2)) | 0;
  hash ^= hash >>> 4;
  hash = Math.imul(hash, 2057);
  hash ^= hash >>> 16;
  return hash & 0x3fffffff;
}

/**
 * Different integers from 65 to 2^30 whose hashes agree in the low bits: one bucket of a Map of up to 2^(bits + 1)
 * keys. Each step of the hash can be undone, so that they are not searched for. @throws Error when there are not so many.
 */
export function collidingIntegers(count: number, bits = 14): number[] {
  const keys: number[] = [];
  for (let high = 0; keys.length < count; high++) {
    if (high === 2 ** (32 - bits)) throw new Error(`fewer than ${count} integers agree in ${bits} bits`);
    const key = integerWithHash((high << bits) | 5);
    if (key >= 65 && key < 2 ** 30) keys.push(key);
  }
  return keys;
}

/** Undoes the steps of the hash, the last first. */
function integerWithHash(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, inverse32(2057));
  hash = undo32(hash, 4);
  hash = Math.imul(hash, inverse32(5)); // hash + (hash << 2)
  hash = undo32(hash, 12);
  return Math.imul(hash + 1, inverse32((1 << 15) - 1)); // ~hash + (hash << 15)
}

function undo32(value: number, by: number): number {
  let result = value;
  for (let known = by; known < 32; known += by) result = value ^ (result >>> by);
  return result;
}

/** The inverse of an odd number modulo 2^32, by Newton's method. */
function inverse32(factor: number): number {
  let inverse = factor;
  for (let i = 0; i < 5; i++) inverse = Math.imul(inverse, 2 - Math.imul(factor, inverse));
  return inverse;
}

const mask64 = (1n << 64n) - 1n;

/**
 * Different integers of 64 bits that share V8's hash of a bigint key (`ComputeLongHash`): each step of that hash
 * can be undone.
 */
export function collidingBigIntegers(count: number): bigint[] {
  const keys: bigint[] = [];
  for (let high = 1n; keys.length < count; high++) keys.push(keyWithHash((high << 30n) | 0x155_5555n));
  return keys;
}

/** Undoes the steps of the hash, the last first. */
function keyWithHash(value: bigint): bigint {
  let hash = undoShiftRight(value, 22n);
  hash = (hash * inverse64(65n)) & mask64; // hash + (hash << 6)
  hash = undoShiftRight(hash, 11n);
  hash = (hash * inverse64(21n)) & mask64;
  hash = undoShiftRight(hash, 31n);
  return ((hash + 1n) * inverse64((1n << 18n) - 1n)) & mask64; // ~hash + (hash << 18)
}

function undoShiftRight(value: bigint, by: bigint): bigint {
  let result = value;
  for (let known = by; known < 64n; known += by) result = value ^ (result >> by);
  return result;
}

/** The inverse of an odd number modulo 2^64, by Newton's method. */
function inverse64(factor: bigint): bigint {
  let inverse = factor;
  for (let i = 0; i < 6; i++) inverse = (inverse * (2n - factor * inverse)) & mask64;
  return inverse;
}
