import type { Clock, Socket, Timer } from "../transport/index.ts";
import { TokenBucket } from "./token-bucket.ts";

/** The original's limits on accepting (router.go): a burst of 20, then one each 50 ms. */
const acceptTokens = 20;
const acceptIntervalMs = 50;

/** The most connections that wait to be admitted; in the original they wait in the listener's backlog. */
const admissionQueueLength = 1024;

/**
 * Admits accepted connections at a limited rate, in the order in which they came. Until it is admitted, a connection
 * is not read and hears nothing, as if it still waited in the listener's backlog.
 */
export class AcceptLimiter {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #admit: (socket: Socket) => void;
  #queue: Socket[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock, admit: (socket: Socket) => void) {
    this.#clock = clock;
    this.#bucket = new TokenBucket(acceptTokens, acceptIntervalMs, clock.now());
    this.#admit = admit;
  }

  /** Takes a connection in; resets it if too many wait already. */
  add(socket: Socket): void {
    if (this.#queue.length >= admissionQueueLength) socket.reset();
    else this.#queue.push(socket);
    if (this.#timer === undefined) this.#admitNext();
  }

  /** Resets all that wait. */
  stop(): void {
    this.#timer?.cancel();
    for (const socket of this.#queue) socket.reset();
    this.#queue = [];
  }

  #admitNext(): void {
    for (let socket = this.#queue.shift(); socket !== undefined; socket = this.#queue.shift()) {
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
