import type { Clock, Socket, Timer } from "../transport/index.ts";
import type { FrameReader } from "../wire/index.ts";
import { toError } from "./errors.ts";
import { readTimeoutMs } from "./timing.ts";

/** What a reader asks of its connection. */
export interface MessageReaderOptions {
  readonly clock: Clock;
  readonly socket: Socket;
  readonly incoming: FrameReader;
  /** Handles a message (tag and payload; may be empty). Nothing more is read while a promise is pending. */
  handle(message: Uint8Array): void | Promise<void>;
  /** The connection is to end: what was thrown, by whomever. */
  failed(error: Error): void;
  /** The other side has finished, after the last whole message; the error is there if it was in the middle of one. */
  ended(inMidMessage: Error | undefined): void;
  /** A message has not come in whole within 60 s. */
  timedOut(): void;
}

/**
 * Reads one message after the other and has each handled before the next (connection.go, receiveTCP).
 *
 * The time limit counts from when the reading of a message begins, not from each byte, and does not run while a
 * message is being handled.
 */
export class MessageReader {
  readonly #options: MessageReaderOptions;
  #deadline: Timer | undefined;
  #readingSinceMs: number;
  #handling = false;
  #remoteFinished = false;
  #stopped = false;
  #count = 0;

  constructor(options: MessageReaderOptions) {
    this.#options = options;
    this.#readingSinceMs = options.clock.now();
    this.#scheduleDeadline();
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
    const { incoming, handle, ended, failed, clock } = this.#options;
    try {
      while (!this.#handling && !this.#stopped) {
        const message = incoming.next();
        if (message === undefined) {
          if (this.#remoteFinished) ended(incoming.end());
          return;
        }
        this.#count++;
        const pending = handle(message);
        this.#readingSinceMs = clock.now();
        if (pending !== undefined) this.#waitFor(pending);
      }
    } catch (error) {
      failed(toError(error));
    }
  }

  /** Reads no more. */
  stop(): void {
    this.#stopped = true;
    this.#deadline?.cancel();
  }

  #waitFor(pending: Promise<void>): void {
    const { socket, failed, clock } = this.#options;
    this.#handling = true;
    this.#deadline?.cancel();
    socket.pause();
    const proceed = (): void => {
      this.#handling = false;
      if (this.#stopped) return;
      socket.resume();
      this.#readingSinceMs = clock.now();
      this.#scheduleDeadline();
      this.read();
    };
    pending.then(proceed, (error) => failed(toError(error)));
  }

  /** One timer serves many messages: when it fires, it looks how long the current one has taken. */
  #scheduleDeadline(): void {
    const { clock, timedOut } = this.#options;
    const dueMs = (): number => this.#readingSinceMs + readTimeoutMs - clock.now();
    this.#deadline = clock.setTimeout(
      () => {
        if (dueMs() > 0) this.#scheduleDeadline();
        else timedOut();
      },
      Math.max(0, dueMs()),
    );
  }
}
