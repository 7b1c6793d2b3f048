import { Kind, numberOf, Payloads } from "./payload.ts";

/** What has come of a stream: how many messages, how many of them not intact or out of order, and in how many seconds. */
export interface Received {
  readonly count: number;
  readonly broken: number;
  readonly seconds: number;
}

/** Counts and checks a stream of messages, which an end mark with their number closes. */
export class Receiver {
  #payloads: Payloads;
  #count = 0;
  #broken = 0;
  #firstMs = 0;
  #done: ((received: Received) => void) | undefined;
  #received: Received | undefined;

  constructor(size: number) {
    this.#payloads = new Payloads(size);
  }

  get count(): number {
    return this.#count;
  }

  get broken(): number {
    return this.#broken;
  }

  message(payload: Uint8Array): void {
    if (payload[0] === Kind.end) {
      const seconds = (performance.now() - this.#firstMs) / 1000;
      const lost = Math.abs(numberOf(payload) - this.#count);
      this.#received = { count: this.#count, broken: this.#broken + lost, seconds };
      this.#done?.(this.#received);
      return;
    }
    if (this.#count === 0) this.#firstMs = performance.now();
    if (!this.#payloads.isIntact(payload, this.#count)) this.#broken++;
    this.#count++;
  }

  /** Settles when the stream has ended. */
  ended(): Promise<Received> {
    return new Promise((resolve) => {
      if (this.#received !== undefined) resolve(this.#received);
      else this.#done = resolve;
    });
  }
}
