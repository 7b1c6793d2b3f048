import { createHash } from "node:crypto";
import type { PeerName } from "../peer-name.ts";
import type { Gossiper } from "./gossiper.ts";
import { SurrogateData } from "./surrogate-data.ts";

/** What a surrogate needs to know of time. */
export interface SurrogateOptions {
  /** Milliseconds since the epoch. */
  now(): number;
  /** How long an update is remembered at least while others come, in milliseconds: the gossip interval. */
  gossipIntervalMs: number;
}

/**
 * Stands in for a gossiper on a channel that nobody registered here, so that the channel's messages still cross this
 * peer: what the original calls surrogateGossiper (surrogate_gossiper.go).
 *
 * It ignores unicasts, relays broadcasts and gossip unread, and drops gossip that repeats, byte for byte, what it
 * remembers. What is older than one gossip interval is forgotten when other gossip comes, not before: on a quiet
 * channel a repetition stays dropped.
 */
export class SurrogateGossiper implements Gossiper<SurrogateData> {
  readonly #options: SurrogateOptions;
  /** Digest of each update that is remembered, and when it came, oldest first. */
  readonly #seen = new Map<string, number>();

  constructor(options: SurrogateOptions) {
    this.#options = options;
  }

  onUnicast(_source: PeerName, _message: Uint8Array): void {}

  onBroadcast(_source: PeerName, update: Uint8Array): SurrogateData {
    return SurrogateData.of(update);
  }

  gossip(): undefined {
    return undefined;
  }

  onGossip(update: Uint8Array): SurrogateData | undefined {
    // A cryptographic digest stands for the update itself: equal digests, equal bytes. So 32 bytes are kept of each.
    const digest = createHash("sha256").update(update).digest("base64");
    if (this.#seen.has(digest)) return undefined;
    const now = this.#options.now();
    const forgetUpTo = now - this.#options.gossipIntervalMs;
    for (const [old, at] of this.#seen) {
      if (at > forgetUpTo) break;
      this.#seen.delete(old);
    }
    this.#seen.set(digest, now);
    return SurrogateData.of(update);
  }
}
