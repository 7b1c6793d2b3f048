/**
 * Limits a rate: the original's tokenBucket (token_bucket.go). It holds up to `capacity` tokens and regains one each
 * `intervalMs`, on a grid of that width.
 */
export class TokenBucket {
  readonly #capacityMs: number;
  readonly #intervalMs: number;
  /** When the earliest token not yet spent became, or becomes, valid; milliseconds since the epoch. */
  #earliestUnspentMs: number;

  constructor(capacity: number, intervalMs: number, nowMs: number) {
    this.#capacityMs = capacity * intervalMs;
    this.#intervalMs = intervalMs;
    this.#earliestUnspentMs = this.#fullSince(nowMs);
  }

  /** Spends a token and returns how long to wait for it, in milliseconds; 0 if there is one already. */
  spend(nowMs: number): number {
    const waitMs = Math.max(0, this.#earliestUnspentMs - nowMs);
    const spentAt = nowMs + waitMs;
    this.#earliestUnspentMs = Math.max(this.#earliestUnspentMs, this.#fullSince(spentAt)) + this.#intervalMs;
    return waitMs;
  }

  /** How long to wait until there is a token, in milliseconds; 0 if there is one. Spends none. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#earliestUnspentMs - nowMs);
  }

  /** The time of the oldest token that a full bucket would hold. */
  #fullSince(nowMs: number): number {
    const since = nowMs - this.#capacityMs;
    return since - (since % this.#intervalMs);
  }
}
