import type { Clock, Timer } from "../transport/index.ts";

/**
 * An action that is due a fixed time after it was first asked for, however often it is asked for meanwhile.
 */
export class DeferredAction {
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #action: () => void;
  #timer: Timer | undefined;

  constructor(clock: Clock, delayMs: number, action: () => void) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#action = action;
  }

  /** Whether the action has been asked for and has not yet run. */
  get pending(): boolean {
    return this.#timer !== undefined;
  }

  /** Asks for the action. */
  request(): void {
    this.#timer ??= this.#clock.setTimeout(() => this.#run(), this.#delayMs);
  }

  /** Runs the action at once if it has been asked for. */
  runNow(): void {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#run();
  }

  /** Forgets that the action has been asked for. */
  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #run(): void {
    this.#timer = undefined;
    this.#action();
  }
}
