import type { ConnectionJournal } from "../gossip/index.ts";
import type { ConnectionHost } from "./connection-host.ts";
import { DropReport } from "./drop-report.ts";
import { LogLimiter } from "./log-limiter.ts";

/** The log of one connection. Lines that the other side's messages cause come at a limited rate. */
export class ConnectionLog implements ConnectionJournal {
  readonly #host: Pick<ConnectionHost, "clock" | "log" | "silent">;
  readonly #prefix: () => string;
  #received: LogLimiter | undefined;
  #drops: DropReport | undefined;

  /** @param prefix returns the beginning of each line, `->[ADDRESS|PEER]: `. */
  constructor(host: Pick<ConnectionHost, "clock" | "log" | "silent">, prefix: () => string) {
    this.#host = host;
    this.#prefix = prefix;
  }

  /** Logs a line of this connection. */
  line(message: string): void {
    if (!this.#host.silent) this.#host.log(this.#prefix() + message);
  }

  /** Logs a whole line for a received message, without a prefix; see {@link LogLimiter}. */
  received(text: () => string): void {
    if (this.#host.silent) return;
    this.#received ??= new LogLimiter({
      clock: this.#host.clock,
      write: (line) => this.#host.log(line),
      leftOut: (count) => this.line(`left out ${count} log lines about messages of this connection`),
    });
    this.#received.line(text);
  }

  /** As `received`, with the prefix. */
  ignored(message: string): void {
    this.received(() => this.#prefix() + message);
  }

  /** Logs drops from the backlog; see {@link DropReport}. */
  dropped(messages: number, bytes: number): void {
    this.#drops ??= new DropReport(this.#host.clock, (text) => this.line(text));
    this.#drops.add(messages, bytes);
  }

  /** Writes what was counted and leaves no timer behind. */
  flush(): void {
    this.#received?.flush();
    this.#drops?.flush();
  }
}
