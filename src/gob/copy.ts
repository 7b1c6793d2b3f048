/** Below this many bytes the engine makes an array within its own heap, at once. */
const tinyCopy = 48;
/** Copies up to here are parts of larger buffers. */
const largestShared = 1024;
const sharedBytes = 16 * 1024;

let shared = new ArrayBuffer(0);
let taken = 0;

/**
 * A copy of `data[start, end)`. Making an array with memory of its own takes four times as long as copying
 * three hundred bytes, and collecting it as long again; so small copies lie beside each other in larger
 * buffers, as those of Node's `Buffer.from` do, and no byte is given out twice.
 */
export function copyOf(data: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start;
  if (length <= tinyCopy) {
    const copy = new Uint8Array(length);
    for (let i = 0; i < length; i++) copy[i] = data[start + i]!;
    return copy;
  }
  // This way round the memory is not cleared before it is filled.
  if (length > largestShared) return new Uint8Array(data.subarray(start, end));
  if (taken + length > shared.byteLength) {
    shared = new ArrayBuffer(sharedBytes);
    taken = 0;
  }
  const copy = new Uint8Array(shared, taken, length);
  copy.set(data.subarray(start, end));
  // On to where every kind of array may begin.
  taken = (taken + length + 7) & ~7;
  return copy;
}
