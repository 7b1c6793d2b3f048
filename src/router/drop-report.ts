import type { Clock, Timer } from "../transport/index.ts";

/** The least time between two lines about drops from one connection's backlog, in milliseconds. */
export const dropReportMs = 10_000;

/**
 * Reports the messages dropped from a connection's backlog: the first at once, and then at most one line each
 * {@link dropReportMs}, with the sums since the line before.
 */
export class DropReport {
  readonly #clock: Clock;
  readonly #write: (text: string) => void;
  #messages = 0;
  #bytes = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, write: (text: string) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  /** Counts dropped messages and their bytes. */
  add(messages: number, bytes: number): void {
    this.#messages += messages;
    this.#bytes += bytes;
    if (this.#timer === undefined) this.#report();
  }

  /** Writes now what was counted, and leaves no timer behind. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#writeLine();
  }

  #report(): void {
    this.#timer = undefined;
    if (!this.#writeLine()) return;
    this.#timer = this.#clock.setTimeout(() => this.#report(), dropReportMs);
  }

  #writeLine(): boolean {
    if (this.#messages === 0) return false;
    const [messages, bytes] = [this.#messages, this.#bytes];
    this.#messages = 0;
    this.#bytes = 0;
    this.#write(`dropped ${messages} messages (${bytes} bytes) that waited to be sent`);
    return true;
  }
}
