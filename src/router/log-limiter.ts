import type { Clock, Timer } from "../transport/index.ts";

/** The log lines that remote messages may cause at once, for one connection or one purpose. */
export const logBurstLines = 100;

/** The log lines that remote messages may cause per second after a burst. */
export const logLinesPerSecond = 10;

/** The lines about peers that are removed which are written at once. A whole mesh can be lost with one connection. */
export const removalBurstLines = 1000;

/** The lines about removed peers per second after a burst. */
export const removalLinesPerSecond = 100;

/** The time from the first line that is left out to the line that says how many were, in milliseconds. */
export const logSummaryMs = 10_000;

/** The place that a limiter writes to. */
export interface LimitedLog {
  readonly clock: Clock;
  /** Writes a line. */
  write(line: string): void;
  /** Writes that `count` lines were left out. */
  leftOut(count: number): void;
}

/**
 * Limits the rate of the log lines that a remote side causes, which the original does not.
 *
 * A burst of lines is written at once ({@link logBurstLines}), then {@link logLinesPerSecond} per second. The others are counted,
 * and their number is written {@link logSummaryMs} after the first of them.
 */
export class LogLimiter {
  readonly #log: LimitedLog;
  readonly #burst: number;
  readonly #perSecond: number;
  /** The lines that may be written now, possibly a fraction more. */
  #allowed: number;
  #countedAtMs = 0;
  #leftOut = 0;
  #summary: Timer | undefined;

  constructor(log: LimitedLog, burst = logBurstLines, perSecond = logLinesPerSecond) {
    this.#log = log;
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#allowed = burst;
  }

  /** Writes a line, or counts it as left out. `text` is only called for a line that is written. */
  line(text: () => string): void {
    const now = this.#log.clock.now();
    const regained = ((now - this.#countedAtMs) / 1000) * this.#perSecond;
    this.#allowed = Math.min(this.#burst, this.#allowed + regained);
    this.#countedAtMs = now;
    if (this.#allowed >= 1) {
      this.#allowed--;
      this.#log.write(text());
      return;
    }
    this.#leftOut++;
    this.#summary ??= this.#log.clock.setTimeout(() => this.flush(), logSummaryMs);
  }

  /** Writes now how many lines were left out, if any were. Leaves no timer behind. */
  flush(): void {
    this.#summary?.cancel();
    this.#summary = undefined;
    if (this.#leftOut === 0) return;
    const count = this.#leftOut;
    this.#leftOut = 0;
    this.#log.leftOut(count);
  }
}
