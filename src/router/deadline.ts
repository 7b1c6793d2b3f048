import type { Clock, Timer } from "../transport/index.ts";

/**
 * A moment by which something must have happened. It may be moved at any time, which costs a look at the clock and mostly no
 * timer: one that comes too early looks how much is left.
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #passed: () => void;
  #dueMs = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;
  #timerDueMs = 0;

  /** `passed` is called when it passes; it is not set then. */
  constructor(clock: Clock, passed: () => void) {
    this.#clock = clock;
    this.#passed = passed;
  }

  /** Moves it to `ms` milliseconds from now. */
  set(ms: number): void {
    this.#dueMs = this.#clock.now() + ms;
    if (this.#timer === undefined || this.#timerDueMs > this.#dueMs) this.#schedule(ms);
  }

  /** For now there is none. For one that is set again soon: the timer is kept. */
  suspend(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
  }

  /** There is none any more. */
  cancel(): void {
    this.suspend();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(ms: number): void {
    this.#timer?.cancel();
    this.#timerDueMs = this.#dueMs;
    this.#timer = this.#clock.setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#dueMs === Number.POSITIVE_INFINITY) return;
    const leftMs = this.#dueMs - this.#clock.now();
    if (leftMs > 0) {
      this.#schedule(leftMs);
      return;
    }
    this.suspend();
    this.#passed();
  }
}
