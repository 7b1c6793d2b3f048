import { setImmediate } from "node:timers/promises";

/**
 * What this process holds: heap after a collection, and what hangs on it outside (the bytes queued at sockets among
 * that). Needs `node --expose-gc`.
 *
 * Collected twice: memory outside the heap is given back by threads of their own after a collection, and counts as
 * held until the next one begins.
 */
export async function heldBytes(): Promise<number> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("start with --expose-gc");
  gc();
  await setImmediate();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
