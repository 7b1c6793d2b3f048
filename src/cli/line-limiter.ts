/** The most lines in one period. */
export const limitedLines = 10;
/** The length of a period, in milliseconds. */
export const limitedPeriodMs = 10_000;

/**
 * Writes lines that a remote side can cause, at most {@link limitedLines} in {@link limitedPeriodMs}. The first line of a
 * later period is preceded by one that says how many were left out.
 */
export class LineLimiter {
  readonly #write: (line: string) => void;
  readonly #now: () => number;
  #periodStart = Number.NEGATIVE_INFINITY;
  #written = 0;
  #leftOut = 0;

  /** `now` is a monotonic time in milliseconds. */
  constructor(write: (line: string) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
  }

  write(line: string): void {
    if (this.#now() - this.#periodStart >= limitedPeriodMs) {
      this.flush();
      this.#periodStart = this.#now();
      this.#written = 0;
    }
    if (++this.#written <= limitedLines) this.#write(line);
    else this.#leftOut++;
  }

  /** Says how many lines were left out since the last time. */
  flush(): void {
    if (this.#leftOut > 0) this.#write(`${this.#leftOut} more such lines were left out`);
    this.#leftOut = 0;
  }
}
