import { type Clock, formatAddress, type Socket, type Timer } from "../transport/index.ts";
import { BySource } from "./by-source.ts";
import type { Logger } from "./logger.ts";
import { RefusalLog } from "./refusal-log.ts";
import { sourceOf } from "./source-address.ts";
import { TokenBucket } from "./token-bucket.ts";

/** The original's limits on accepting (router.go): a burst of 20, then one each 50 ms. */
const acceptTokens = 20;
const acceptIntervalMs = 50;

/** The limit of connections that wait to be admitted; in the original they wait in the listener's backlog. */
export const maxQueuedConnections = 1024;

/**
 * Admits accepted connections at a limited rate. Until it is admitted, a connection is not read and nothing is written
 * to it: it costs a socket, but no buffer of ours, as if it still waited in the listener's backlog.
 *
 * Source addresses take turns, and connections from one address are admitted in the order in which they came. A newcomer
 * therefore waits for one connection of each other address at most, whatever number of connections an address opens. If
 * the queue is full, the newest connection of the address with most connections is reset.
 */
export class AcceptLimiter {
  readonly #clock: Clock;
  readonly #admit: (socket: Socket) => void;
  readonly #refusals: RefusalLog;
  readonly #bucket: TokenBucket;
  readonly #queue = new BySource<Socket>();
  #timer: Timer | undefined;
  #stopped = false;

  /** `admit` starts the handshake of a connection. */
  constructor(clock: Clock, logger: Logger, admit: (socket: Socket) => void) {
    this.#clock = clock;
    this.#admit = admit;
    this.#refusals = new RefusalLog(clock, logger);
    this.#bucket = new TokenBucket(acceptTokens, acceptIntervalMs, clock.now());
  }

  /** Adds a connection to the queue, and admits it at once if the rate allows it. */
  add(socket: Socket): void {
    if (this.#stopped) {
      socket.reset();
      return;
    }
    this.#queue.add(sourceOf(socket.remoteAddress.host), socket);
    if (this.#queue.size > maxQueuedConnections) {
      const excess = this.#queue.newestOfLargest()!;
      this.#queue.remove(excess);
      excess.item.reset();
      this.#refusals.add(formatAddress(excess.item.remoteAddress), "the accept queue is full");
    }
    if (this.#timer === undefined) this.#admitNext();
  }

  /** Resets all connections in the queue and all that are added later. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    for (let socket = this.#queue.takeTurn(); socket; socket = this.#queue.takeTurn()) socket.reset();
  }

  #admitNext(): void {
    for (let socket = this.#queue.takeTurn(); socket; socket = this.#queue.takeTurn()) {
      this.#admit(socket);
      // The token is spent after admitting, as in the original, so that an idle listener admits at once.
      const waitMs = this.#bucket.spend(this.#clock.now());
      if (waitMs > 0) {
        this.#timer = this.#clock.setTimeout(() => {
          this.#timer = undefined;
          this.#admitNext();
        }, waitMs);
        return;
      }
    }
  }
}
