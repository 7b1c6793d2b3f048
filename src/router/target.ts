import type { Random } from "../transport/index.ts";

const initialIntervalMs = 2_000;
const maxIntervalMs = 6 * 60_000;
/** After this long, a connection's end does not count as a failure of its target. */
const resetAfterMs = 60_000;

/** The state of a target: waiting for its time, being dialled, connected, or not wanted for now. */
export type TargetState = "waiting" | "attempting" | "connected" | "suspended";

/**
 * An address where a peer may be found, and when to try it: the original's target (connection_maker.go).
 */
export class Target {
  state: TargetState = "waiting";
  /** Why the last attempt or connection ended. */
  lastError: Error | undefined;
  /** Why the other side has probably ended it, where the error alone does not say. */
  explanation: string | undefined;
  /** When to try next, in milliseconds since the epoch; undefined is never. */
  tryAfterMs: number | undefined;
  /** The addresses behind the target's host name when it was last resolved, as `IP:port`. */
  resolved: readonly string[] = [];
  /** The last look at the targets at which it was wanted: named or heard of, and not connected. */
  wantedAt = 0;
  /** The last look at which a user named it. */
  namedAt = 0;
  #intervalMs = initialIntervalMs;

  constructor(nowMs: number) {
    this.tryNow(nowMs);
  }

  /** Never again, until it is named anew. */
  tryNever(): void {
    this.tryAfterMs = undefined;
    this.#intervalMs = maxIntervalMs;
  }

  /** At once, and with the shortest interval after that. */
  tryNow(nowMs: number): void {
    this.tryAfterMs = nowMs;
    this.#intervalMs = initialIntervalMs;
  }

  /** After a random time between half of the interval i and one and a half; i is 2 s · 1.5^n, at most 6 minutes. */
  tryLater(nowMs: number, random: Random): void {
    this.tryAfterMs = nowMs + this.#intervalMs / 2 + random.int(this.#intervalMs);
    this.#intervalMs = Math.min(Math.floor((this.#intervalMs * 3) / 2), maxIntervalMs);
  }

  /** Whether a connection that ends now has lasted long enough to be dialled again at once. */
  lasted(nowMs: number): boolean {
    return this.tryAfterMs === undefined || nowMs > this.tryAfterMs + resetAfterMs;
  }
}
