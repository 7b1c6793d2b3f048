import type { Socket } from "../transport/index.ts";
import type { FrameReader } from "../wire/index.ts";
import type { Deadline } from "./deadline.ts";
import { toError } from "./errors.ts";
import { readTimeoutMs } from "./timing.ts";

/** What a reader asks of its connection. */
export interface MessageReaderOptions {
  /** The connection's: it passes when a message has not come in whole within 60 s. */
  readonly deadline: Deadline;
  readonly socket: Socket;
  readonly incoming: FrameReader;
  /** Handles a message (tag and payload; may be empty). Nothing more is read while a promise is pending. */
  handle(message: Uint8Array): void | Promise<void>;
  /** The connection is to end: what was thrown, by whomever. */
  failed(error: Error): void;
  /** The other side has finished, after the last whole message; the error is there if it was in the middle of one. */
  ended(inMidMessage: Error | undefined): void;
}

/**
 * Reads one message after the other and has each handled before the next (connection.go, receiveTCP).
 *
 * The time limit counts from when the reading of a message begins, not from each byte, and does not run while a
 * message is being handled.
 */
export class MessageReader {
  readonly #options: MessageReaderOptions;
  #handling = false;
  #remoteFinished = false;
  #stopped = false;
  #count = 0;

  constructor(options: MessageReaderOptions) {
    this.#options = options;
    options.deadline.set(readTimeoutMs);
  }

  /** How many messages have been read. */
  get count(): number {
    return this.#count;
  }

  /** Takes note that the other side has finished, and reads what is left. */
  finish(): void {
    this.#remoteFinished = true;
    this.read();
  }

  /** Reads and handles messages until there is none, or one has to be waited for. */
  read(): void {
    const { incoming, handle, ended, failed, deadline } = this.#options;
    try {
      while (!this.#handling && !this.#stopped) {
        const message = incoming.next();
        if (message === undefined) {
          if (this.#remoteFinished) ended(incoming.end());
          return;
        }
        this.#count++;
        const pending = handle(message);
        if (!this.#stopped) deadline.set(readTimeoutMs);
        if (pending !== undefined) this.#waitFor(pending);
      }
    } catch (error) {
      failed(toError(error));
    }
  }

  /** Reads no more. */
  stop(): void {
    this.#stopped = true;
    this.#options.deadline.cancel();
  }

  #waitFor(pending: Promise<void>): void {
    const { socket, failed, deadline } = this.#options;
    this.#handling = true;
    deadline.suspend();
    socket.pause();
    const proceed = (): void => {
      this.#handling = false;
      if (this.#stopped) return;
      socket.resume();
      deadline.set(readTimeoutMs);
      this.read();
    };
    pending.then(proceed, (error) => failed(toError(error)));
  }
}
