/**
 * A source of time: what it is now, and a way to be called later. Everything in the mesh that waits takes a Clock, so
 * that a test can run hours of back-off and heartbeats in milliseconds with a {@link VirtualClock}.
 */
export interface Clock {
  /** Milliseconds since the epoch, possibly fractional; never goes back. */
  now(): number;
  /**
   * Calls `callback` once, `ms` milliseconds from now, never from within this call. Zero or less means the next turn
   * of the event loop; there is no upper limit, and `Infinity` never comes.
   */
  setTimeout(callback: () => void, ms: number): Timer;
}

/** A call that is due later. */
export interface Timer {
  /** Prevents the call if it has not been made yet. Cancelling twice, or too late, does nothing. */
  cancel(): void;
}

/** Node's timers fire at once when asked for more than this, so longer waits are taken in several steps. */
const longestStepMs = 2 ** 31 - 1;

class SystemTimer implements Timer {
  private readonly callback: () => void;
  private remainingMs: number;
  private timeout: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;

  constructor(callback: () => void, ms: number) {
    this.callback = callback;
    this.remainingMs = ms;
    // Node rounds a timeout of 0 up to 1 ms; the next turn is what was asked for.
    if (ms > 0) this.step();
    else this.immediate = setImmediate(callback);
  }

  private step(): void {
    const ms = Math.min(this.remainingMs, longestStepMs);
    this.remainingMs -= ms;
    this.timeout = setTimeout(this.remainingMs > 0 ? () => this.step() : this.callback, ms);
  }

  cancel(): void {
    clearTimeout(this.timeout);
    clearImmediate(this.immediate);
  }
}

/**
 * The machine's time. `now()` starts from the wall clock and then runs on the monotonic one, as the durations of Go's
 * `time.Now()` do: setting the machine's clock moves no deadline.
 */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimeout: (callback, ms) => new SystemTimer(callback, ms),
};
