/**
 * Runs all items, as many at a time as fit into `capacity` by their weights (one always fits), and gives the
 * results in the items' order. Items start in order, so that a heavy one is not put off for ever.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  capacity: number,
  weight: (item: T) => number,
  run: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const active = new Set<Promise<void>>();
  let load = 0;
  for (const [index, item] of items.entries()) {
    while (active.size > 0 && load + weight(item) > capacity) await Promise.race(active);
    load += weight(item);
    const task = run(item).then((result) => {
      results[index] = result;
      load -= weight(item);
      active.delete(task);
    });
    active.add(task);
  }
  await Promise.all(active);
  return results;
}
