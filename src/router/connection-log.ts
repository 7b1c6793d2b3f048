import type { ConnectionJournal } from "../gossip/index.ts";
import type { Peer } from "../topology/index.ts";
import type { ConnectionHost } from "./connection-host.ts";
import { DropReport } from "./drop-report.ts";
import { LogLimiter } from "./log-limiter.ts";

type LogHost = Pick<ConnectionHost, "clock" | "log" | "warn" | "silent">;

/** The log of one connection. Lines that the other side's messages cause come at a limited rate. */
export class ConnectionLog implements ConnectionJournal {
  readonly #host: LogHost;
  readonly #address: string;
  readonly #remote: () => Peer | undefined;
  #received: LogLimiter | undefined;
  #drops: DropReport | undefined;

  /** @param remote returns the other peer once the handshake has told its name. */
  constructor(host: LogHost, address: string, remote: () => Peer | undefined) {
    this.#host = host;
    this.#address = address;
    this.#remote = remote;
  }

  /** Logs a line of this connection in the original's form, `->[ADDRESS|PEER]: MESSAGE`. */
  line(message: string): void {
    if (!this.#host.silent) this.#host.log(this.#prefixed(message));
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
    this.received(() => this.#prefixed(message));
  }

  /** Logs drops from the backlog; see {@link DropReport}. */
  dropped(messages: number, bytes: number): void {
    this.#drops ??= new DropReport(this.#host.clock, (text) => this.line(text));
    this.#drops.add(messages, bytes);
  }

  /**
   * Logs the end of the connection, after all that was left out before, and leaves no timer behind.
   *
   * @param explanation the likely reason for which the other side ended it.
   */
  ended(error: Error, explanation: string | undefined): void {
    this.#received?.flush();
    this.#drops?.flush();
    if (this.#remote() === undefined) {
      const text = "connection shutting down due to error during handshake";
      this.#host.log(`->[${this.#address}] ${text}: ${error.message}`);
    } else {
      this.line(`connection shutting down due to error: ${error.message}`);
    }
    if (explanation !== undefined) this.#host.warn(`->[${this.#address}] ${explanation}`);
  }

  #prefixed(message: string): string {
    return `->[${this.#address}|${this.#remote()}]: ${message}`;
  }
}
