import { createHash } from "node:crypto";
import type { GossipData, Gossiper, PeerName } from "../index.ts";

/** What a follower is told about. `source` is missing for gossip, which does not say who first sent it. */
export interface FollowedMessage {
  readonly event: "unicast" | "broadcast" | "gossip";
  readonly source?: PeerName;
  readonly payload: Uint8Array;
}

/** The most that waits for one neighbour that does not read, in bytes; the oldest messages are given up beyond. */
export const relayBacklogBytes = 16 * 1024 * 1024;

/**
 * Messages of a channel whose meaning is unknown: merging puts them behind one another, and each is sent by itself,
 * as the original's surrogateGossipData (surrogate_gossiper.go), but never more than `relayBacklogBytes` of them.
 */
export class RelayedMessages implements GossipData<RelayedMessages> {
  readonly #messages: readonly Uint8Array[];

  constructor(messages: readonly Uint8Array[]) {
    this.#messages = messages;
  }

  encode(): Uint8Array[] {
    return [...this.#messages];
  }

  merge(other: RelayedMessages): RelayedMessages {
    const messages = [...this.#messages, ...other.#messages];
    let bytes = messages.reduce((sum, message) => sum + message.length, 0);
    let first = 0;
    // The newest message always stays, whatever its size.
    while (bytes > relayBacklogBytes && first < messages.length - 1) bytes -= messages[first++]!.length;
    return new RelayedMessages(messages.slice(first));
  }
}

/**
 * Follows a channel without understanding it: tells `follow` of every message and relays as the original's
 * surrogateGossiper (surrogate_gossiper.go). Broadcasts are relayed; gossip that repeats remembered gossip byte for
 * byte is neither relayed nor told; a unicast ends here. There is no state of its own to gossip.
 *
 * Remembered gossip is forgotten when it is older than `gossipIntervalMs` and other gossip comes.
 */
export class RelayGossiper implements Gossiper<RelayedMessages> {
  readonly #follow: (message: FollowedMessage) => void | Promise<void>;
  readonly #now: () => number;
  readonly #gossipIntervalMs: number;
  /** The SHA-256 of gossip, which stands for its bytes, with the time it came; oldest first. */
  readonly #remembered = new Map<string, number>();

  /** `follow` may return a promise: the connection that the message came on is not read meanwhile. */
  constructor(options: {
    follow: (message: FollowedMessage) => void | Promise<void>;
    /** The time in milliseconds. */
    now: () => number;
    gossipIntervalMs: number;
  }) {
    this.#follow = options.follow;
    this.#now = options.now;
    this.#gossipIntervalMs = options.gossipIntervalMs;
  }

  onUnicast(source: PeerName, message: Uint8Array): void | Promise<void> {
    return this.#follow({ event: "unicast", source, payload: message });
  }

  async onBroadcast(source: PeerName, update: Uint8Array): Promise<RelayedMessages> {
    await this.#follow({ event: "broadcast", source, payload: update });
    return new RelayedMessages([update]);
  }

  gossip(): undefined {
    return undefined;
  }

  async onGossip(update: Uint8Array): Promise<RelayedMessages | undefined> {
    if (!this.#remember(update)) return undefined;
    await this.#follow({ event: "gossip", payload: update });
    return new RelayedMessages([update]);
  }

  /** Remembers gossip; false if it is remembered already. */
  #remember(update: Uint8Array): boolean {
    const digest = createHash("sha256").update(update).digest("base64");
    if (this.#remembered.has(digest)) return false;
    const now = this.#now();
    for (const [old, time] of this.#remembered) {
      if (time > now - this.#gossipIntervalMs) break;
      this.#remembered.delete(old);
    }
    this.#remembered.set(digest, now);
    return true;
  }
}
