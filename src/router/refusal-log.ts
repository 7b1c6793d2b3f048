import type { Clock } from "../transport/index.ts";
import type { Logger } from "./logger.ts";

/** The least time between two lines, in milliseconds. */
const intervalMs = 1_000;

/** Logs connections refused without a handshake: at most one line each second, however many there are. */
export class RefusalLog {
  readonly #clock: Clock;
  readonly #logger: Logger;
  #lastMs = Number.NEGATIVE_INFINITY;
  #unlogged = 0;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Logs the refusal, or counts it for the next line. */
  add(address: string, reason: string): void {
    const now = this.#clock.now();
    if (now - this.#lastMs < intervalMs) {
      this.#unlogged++;
      return;
    }
    const others =
      this.#unlogged === 0 ? "" : `; ${this.#unlogged} others were refused since the last such line`;
    this.#lastMs = now;
    this.#unlogged = 0;
    this.#logger.warn(`->[${address}] connection refused: ${reason}${others}`);
  }
}
