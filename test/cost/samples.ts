// Functions of known cost, to test the measurement with.

/** Linear. */
export function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** n log n. */
export function binarySearches(values: readonly number[]): number {
  let found = 0;
  for (const value of values) {
    let low = 0;
    let high = values.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle]! < value) low = middle + 1;
      else high = middle;
    }
    found += low;
  }
  return found;
}

/** Quadratic, in its own blocks. */
export function pairs(values: readonly number[]): number {
  let total = 0;
  for (const a of values) {
    for (const b of values) total += a * b;
  }
  return total;
}

/** Quadratic, in a native search. */
export function searches(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += values.indexOf(value);
  return total;
}

/** Quadratic, in copies of bytes. */
export function concatenations(values: readonly number[]): number {
  let bytes = Buffer.alloc(0);
  for (const value of values) bytes = Buffer.concat([bytes, Uint8Array.of(value)]);
  return bytes.length;
}
