import { cutText } from "../go-text/index.ts";
import type { Random } from "../transport/index.ts";
import type { AddressOrder } from "./address-order.ts";
import type { Explanation } from "./explanation.ts";

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
  /** The text of the error that ended the last attempt or connection, cut at 1 KiB. */
  lastError: string | undefined;
  /** Explains that error, where that can be done. */
  explanation: Explanation | undefined;
  /** When to try next, in milliseconds since the epoch; undefined is never. */
  tryAfterMs: number | undefined;
  /** The IP addresses of the target's host name when it was last resolved; none for an IP address. */
  resolved: readonly string[] = [];
  /** The order in which the addresses of a host name are dialled; undefined for an IP address. */
  addresses: AddressOrder | undefined;
  /** The last check of the targets in which a user's name led to it and it was not connected. */
  wantedAt = 0;
  /** The last check in which a user named it. */
  namedAt = 0;
  /** The last search of the topology that found it; -1 for none. */
  foundAt = -1;
  /** Whether it counts among the attempts at discovered targets. */
  counted = false;
  #intervalMs = initialIntervalMs;

  constructor(nowMs: number) {
    this.tryNow(nowMs);
  }

  /** Whether another may have its place: a user does not name it, and its last attempt has failed. */
  get replaceable(): boolean {
    return this.namedAt === 0 && this.state === "waiting" && this.lastError !== undefined;
  }

  /** Takes note of the error that ended an attempt or connection. Keeps the text alone: details can be large. */
  failed(error: Error, explanation: Explanation | undefined): void {
    const text = cutText(error.message);
    // A part of a longer text would keep the whole of it in memory.
    this.lastError = text.length < error.message.length ? ownCopy(text) : text;
    this.explanation = explanation;
    this.state = "waiting";
  }

  /** Not again until a user names the target anew. Only for IP addresses: a name may lead elsewhere later. */
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

/** Returns an equal text that shares no memory with another. */
function ownCopy(text: string): string {
  return Buffer.from(text, "utf16le").toString("utf16le");
}
