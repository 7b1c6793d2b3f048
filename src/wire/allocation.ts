/** Buffers above this many bytes get memory of their own. */
const pooledBytes = 8 * 1024;
const poolBytes = 64 * 1024;

let pool = new ArrayBuffer(poolBytes);
let used = 0;

/**
 * A buffer for bytes that are soon written to a socket and forgotten. Its content is arbitrary: the caller fills
 * all of it. Small ones share a block of 64 KiB, each with a part of its own that is never given out again, because
 * making an ArrayBuffer costs more than filling it; so whoever keeps one keeps the block.
 */
export function allocateTransient(length: number): Uint8Array {
  if (length > pooledBytes) {
    // Not zeroed, which for a frame of 1 MiB is most of the work.
    const buffer = Buffer.allocUnsafeSlow(length);
    return new Uint8Array(buffer.buffer, buffer.byteOffset, length);
  }
  if (used + length > poolBytes) {
    pool = new ArrayBuffer(poolBytes);
    used = 0;
  }
  const part = new Uint8Array(pool, used, length);
  used += (length + 7) & ~7;
  return part;
}
