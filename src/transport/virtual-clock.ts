import type { Clock, Timer } from "./clock.ts";

interface Due extends Timer {
  readonly atMs: number;
  /** Of timers due at the same time, the one set first is called first. */
  readonly order: number;
  callback: (() => void) | undefined;
}

/**
 * Time that moves only when it is told to. Deterministic: timers are called in the order of their due times, those of
 * the same time in the order in which they were set, and between two of them all promises settle, however long their
 * chains, so that what a timer sets off has happened before the next one.
 */
export class VirtualClock implements Clock {
  private nowMs: number;
  private nextOrder = 0;
  private cancelled = 0;
  private running = false;
  /** A binary heap, the next timer first. Cancelled timers stay in it until they come up or become the majority. */
  private heap: Due[] = [];

  /** @param startMs what `now()` says at first, in milliseconds since the epoch. */
  constructor(startMs = 0) {
    this.nowMs = startMs;
  }

  now(): number {
    return this.nowMs;
  }

  /** How many timers are waiting to be called. */
  get pendingTimers(): number {
    return this.heap.length - this.cancelled;
  }

  setTimeout(callback: () => void, ms: number): Timer {
    const due: Due = {
      atMs: this.nowMs + Math.max(0, ms),
      order: this.nextOrder++,
      callback,
      cancel: () => {
        if (due.callback === undefined) return;
        due.callback = undefined;
        this.cancelled++;
        if (this.cancelled > 1000 && this.cancelled > this.heap.length / 2) this.sweep();
      },
    };
    if (due.atMs === Number.POSITIVE_INFINITY)
      due.callback = undefined; // never comes, and cannot be cancelled
    else push(this.heap, due);
    return due;
  }

  /**
   * Moves time on by `ms` milliseconds, calling every timer that comes due on the way, also those that these set. An
   * error that a timer throws is thrown from here, at its time.
   */
  async advance(ms: number): Promise<void> {
    await this.runUntil(() => false, ms);
  }

  /**
   * Moves time on from timer to timer until `condition` holds, at most by `limitMs`. True as soon as it holds, with
   * `now()` the time of the timer that brought it about; false when the limit is reached. The condition is asked
   * before the first timer and after each one. Only one of these calls can run at a time.
   */
  async runUntil(condition: () => boolean, limitMs: number): Promise<boolean> {
    if (this.running) throw new Error("virtual clock: it is being moved already; await the call before");
    this.running = true;
    try {
      const endMs = this.nowMs + limitMs;
      for (;;) {
        await settle();
        if (condition()) return true;
        const callback = this.takeDue(endMs);
        if (callback === undefined) break;
        callback();
      }
      this.nowMs = Math.max(this.nowMs, endMs);
      return false;
    } finally {
      this.running = false;
    }
  }

  /** Removes the next timer that is due by `endMs`, and moves time on to it. */
  private takeDue(endMs: number): (() => void) | undefined {
    for (;;) {
      const first = this.heap[0];
      if (first === undefined) return undefined;
      const { callback, atMs } = first;
      if (callback !== undefined && atMs > endMs) return undefined;
      pop(this.heap);
      if (callback === undefined) {
        this.cancelled--;
        continue;
      }
      first.callback = undefined;
      this.nowMs = Math.max(this.nowMs, atMs);
      return callback;
    }
  }

  private sweep(): void {
    const live: Due[] = [];
    for (const due of this.heap) if (due.callback !== undefined) push(live, due);
    this.heap = live;
    this.cancelled = 0;
  }
}

/**
 * One turn of the event loop: before it ends, every promise that is ready has been handled, and the promises that
 * became ready by that, and so on.
 */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function before(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function push(heap: Due[], due: Due): void {
  let at = heap.length;
  heap.push(due);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(due, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = due;
}

/** Removes the first element; the heap must not be empty. */
function pop(heap: Due[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
}
