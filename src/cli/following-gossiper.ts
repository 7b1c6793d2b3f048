import { type Gossiper, type PeerName, type SurrogateData, SurrogateGossiper } from "../index.ts";

/** What a follower is told about. `source` is missing for gossip, which does not say who first sent it. */
export interface FollowedMessage {
  readonly event: "unicast" | "broadcast" | "gossip";
  readonly source?: PeerName;
  readonly payload: Uint8Array;
}

/** How a channel is followed. */
export interface FollowOptions {
  /** Told of each message; while a promise of it is pending, the connection that the message came on is not read. */
  follow(message: FollowedMessage): void | Promise<void>;
  /** Milliseconds since the epoch. */
  now(): number;
  gossipIntervalMs: number;
}

/**
 * Follows a channel without understanding it, and relays on it as a surrogate does: broadcasts go on, gossip goes on
 * unless it repeats what is remembered, a unicast ends here. Gossip that does not go on is not told of, either.
 */
export class FollowingGossiper implements Gossiper<SurrogateData> {
  readonly #surrogate: SurrogateGossiper;
  readonly #follow: FollowOptions["follow"];

  constructor({ follow, now, gossipIntervalMs }: FollowOptions) {
    this.#surrogate = new SurrogateGossiper({ now, gossipIntervalMs });
    this.#follow = follow;
  }

  onUnicast(source: PeerName, message: Uint8Array): void | Promise<void> {
    return this.#follow({ event: "unicast", source, payload: message });
  }

  async onBroadcast(source: PeerName, update: Uint8Array): Promise<SurrogateData> {
    await this.#follow({ event: "broadcast", source, payload: update });
    return this.#surrogate.onBroadcast(source, update);
  }

  /** There is no state to tell. */
  gossip(): undefined {
    return undefined;
  }

  async onGossip(update: Uint8Array): Promise<SurrogateData | undefined> {
    const news = this.#surrogate.onGossip(update);
    if (news !== undefined) await this.#follow({ event: "gossip", payload: update });
    return news;
  }
}
