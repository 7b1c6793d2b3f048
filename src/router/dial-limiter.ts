import type { Target } from "./target.ts";
import { TokenBucket } from "./token-bucket.ts";

/** The most attempts at discovered targets at the same time, each until its handshake is done. */
export const maxDiscoveredAttempts = 512;

/** The attempts at discovered targets per second, after a burst of {@link maxDiscoveredAttempts}. */
export const discoveredAttemptsPerSecond = 100;

/** The least time between two admissions while targets wait for tokens, in milliseconds. */
export const admissionIntervalMs = 100;

/** A target whose time has come. */
export interface DueTarget {
  readonly address: string;
  readonly target: Target;
  /** Whether a user named it. */
  readonly named: boolean;
}

/**
 * Limits the attempts at discovered targets, which the original does not: remote peers tell the addresses, which may
 * be those of third parties. Targets that users name are not limited.
 */
export class DialLimiter {
  readonly #bucket: TokenBucket;
  #attempts = 0;
  /** Whether targets had to wait for a token, or for the end of an attempt. */
  #waiting: "no" | "token" | "end" = "no";

  constructor(nowMs: number) {
    this.#bucket = new TokenBucket(maxDiscoveredAttempts, 1000 / discoveredAttemptsPerSecond, nowMs);
  }

  /**
   * Returns those of the due targets that may be attempted now, in the given order. Where there are too many, those
   * that have been due for the longest time are chosen.
   */
  admit(due: readonly DueTarget[], nowMs: number): readonly DueTarget[] {
    this.#waiting = "no";
    const discovered = due.filter(({ named }) => !named);
    // All tokens are of whole intervals, so that a longest list is sorted only when some have to wait.
    const admitted = this.#admitted(discovered.length, nowMs);
    if (admitted < discovered.length) discovered.sort((a, b) => a.target.tryAfterMs! - b.target.tryAfterMs!);
    for (const { target } of discovered.slice(0, admitted)) {
      target.counted = true;
      this.#attempts++;
    }
    return due.filter(({ target, named }) => named || target.counted);
  }

  /** Whether targets wait for a token. */
  get short(): boolean {
    return this.#waiting === "token";
  }

  /** The time to the next admission while tokens are {@link short}, in milliseconds. */
  waitMs(nowMs: number): number {
    return Math.max(admissionIntervalMs, this.#bucket.waitMs(nowMs));
  }

  /** An attempt has ended, or has become a connection. Returns whether others wait for it. */
  ended(target: Target): boolean {
    if (!target.counted) return false;
    target.counted = false;
    this.#attempts--;
    return this.#waiting === "end";
  }

  /** Spends the tokens for at most `count` attempts, and returns how many there were. */
  #admitted(count: number, nowMs: number): number {
    const free = Math.min(count, maxDiscoveredAttempts - this.#attempts);
    let admitted = 0;
    for (; admitted < free; admitted++) {
      if (this.#bucket.waitMs(nowMs) > 0) {
        this.#waiting = "token";
        return admitted;
      }
      this.#bucket.spend(nowMs);
    }
    if (admitted < count) this.#waiting = "end";
    return admitted;
  }
}
