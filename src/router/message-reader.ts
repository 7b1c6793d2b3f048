import type { Clock, Socket } from "../transport/index.ts";
import type { FrameReader } from "../wire/index.ts";
import type { Deadline } from "./deadline.ts";
import { toError } from "./errors.ts";
import type { IncompleteMessages, PausableReading } from "./incomplete-messages.ts";
import { readTimeoutMs } from "./timing.ts";

/**
 * The time for which the messages of one connection are handled before the reading of all others gets a turn, in
 * milliseconds. One message is always handled whole.
 */
export const maxTurnMs = 4;

/** The number of small messages between two readings of the clock. They take some microseconds each. */
const messagesPerCheck = 32;

/** The size of a message that counts as {@link messagesPerCheck} small ones, in bytes. */
const largeMessageBytes = 4096;

/** The connection as its reader sees it. */
export interface MessageReaderOptions {
  readonly clock: Clock;
  /** The connection's deadline. It passes when a message has not arrived whole within 60 s. */
  readonly deadline: Deadline;
  readonly socket: Socket;
  readonly incoming: FrameReader;
  /** The budget that this connection shares with all others. */
  readonly incomplete: IncompleteMessages;
  /** Handles a message (tag and payload; may be empty). Nothing more is read while a promise is pending. */
  handle(message: Uint8Array): void | Promise<void>;
  /** Called with the error that must close the connection. */
  failed(error: Error): void;
  /** Called when the other side has finished, with an error if it finished in the middle of a message. */
  ended(inMidMessage: Error | undefined): void;
}

/**
 * Reads one message after the other and has each handled before the next (connection.go, receiveTCP).
 *
 * The time limit counts from the moment when the reading of a message begins, not from each byte, and does not run while
 * a message is being handled. In the original each connection has a goroutine of its own. Here they share a thread, so
 * a connection that sends without a pause yields to the others each time its messages have taken {@link maxTurnMs}.
 */
export class MessageReader implements PausableReading {
  readonly #options: MessageReaderOptions;
  /** Whether reading waits: for the handling of a message, or for the turn of the other connections. */
  #suspended = false;
  /** Whether the budget of incomplete messages has paused the connection. */
  #paused = false;
  #remoteFinished = false;
  #stopped = false;
  #count = 0;
  /** The time taken by messages since the last yield. */
  #spentMs = 0;

  constructor(options: MessageReaderOptions) {
    this.#options = options;
    options.deadline.set(readTimeoutMs);
  }

  /** The number of messages read. */
  get count(): number {
    return this.#count;
  }

  /** Takes note that the other side has finished, and reads what is left. */
  finish(): void {
    this.#remoteFinished = true;
    this.read();
  }

  /** Reads and handles messages until no whole one is left, one has to be waited for, or it is the others' turn. */
  read(): void {
    const { incoming, incomplete, handle, ended, failed, deadline, clock } = this.#options;
    let since = clock.now();
    let unchecked = 0;
    try {
      while (!this.#suspended && !this.#stopped) {
        const message = incoming.next();
        if (message === undefined) {
          this.#spentMs += clock.now() - since;
          if (this.#remoteFinished) ended(incoming.end());
          else incomplete.hold(this, incoming.heldBytes);
          return;
        }
        this.#count++;
        const pending = handle(message);
        if (!this.#stopped) deadline.set(readTimeoutMs);
        if (pending !== undefined) {
          this.#waitFor(pending);
          return;
        }
        unchecked += message.length < largeMessageBytes ? 1 : messagesPerCheck;
        if (unchecked < messagesPerCheck) continue;
        unchecked = 0;
        const now = clock.now();
        this.#spentMs += now - since;
        since = now;
        if (this.#spentMs >= maxTurnMs) this.#yield();
      }
    } catch (error) {
      failed(toError(error));
    }
  }

  /** Stops reading. */
  stop(): void {
    this.#stopped = true;
    this.#options.deadline.cancel();
    this.#options.incomplete.release(this);
  }

  pauseReading(): void {
    this.#paused = true;
    this.#options.socket.pause();
  }

  resumeReading(): void {
    this.#paused = false;
    if (!this.#suspended && !this.#stopped) this.#options.socket.resume();
  }

  #yield(): void {
    this.#suspend();
    this.#options.clock.setTimeout(() => this.#proceed(), 0);
  }

  #waitFor(pending: Promise<void>): void {
    this.#suspend();
    pending.then(
      () => this.#proceed(),
      (error) => this.#options.failed(toError(error)),
    );
  }

  #suspend(): void {
    this.#suspended = true;
    this.#spentMs = 0;
    this.#options.deadline.suspend();
    this.#options.socket.pause();
  }

  #proceed(): void {
    this.#suspended = false;
    if (this.#stopped) return;
    if (!this.#paused) this.#options.socket.resume();
    this.#options.deadline.set(readTimeoutMs);
    this.read();
  }
}
