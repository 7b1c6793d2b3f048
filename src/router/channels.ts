import {
  type Channel,
  type ChannelPeer,
  GossipChannel,
  type GossipData,
  GossipError,
  type Gossiper,
  SurrogateGossiper,
} from "../gossip/index.ts";
import type { Flavour } from "../peer-name.ts";
import type { Clock, Random } from "../transport/index.ts";
import { EnvelopeReader } from "../wire/index.ts";
import type { LocalConnection } from "./local-connection.ts";

/** The most channels that are relayed without a gossiper of ours. */
export const maxSurrogateChannels = 4096;

/** The longest name of such a channel, in UTF-16 units: a name is remembered for good. */
export const maxSurrogateNameLength = 4096;

/** What the channels ask of the router. */
export interface ChannelsHost extends ChannelPeer {
  readonly clock: Clock;
  readonly random: Random;
  readonly flavour: Flavour;
  readonly gossipIntervalMs: number;
  connections(): Iterable<LocalConnection>;
}

/**
 * The router's gossip channels by name, and the surrogates for those that only others use (the original's
 * Router.gossipChannels, router.go).
 */
export class Channels {
  readonly #host: ChannelsHost;
  readonly #channels = new Map<string, GossipChannel>();
  readonly #surrogates = new Set<GossipChannel>();
  #refusedSurrogates = 0;

  constructor(host: ChannelsHost) {
    this.#host = host;
  }

  /**
   * Registers a gossiper under a name. Where a surrogate has stood in for it until now, it takes over; what the
   * surrogate still had to relay goes out.
   *
   * @throws GossipError `duplicate-channel` if there is a gossiper already.
   */
  register<D extends GossipData<D>>(name: string, gossiper: Gossiper<D>): Channel<D> {
    const present = this.#channels.get(name);
    if (present !== undefined) {
      if (!this.#surrogates.delete(present)) {
        throw new GossipError("duplicate-channel", name, `[gossip] duplicate channel ${name}`);
      }
      for (const connection of this.#host.connections()) connection.senders.retire(present);
    }
    const channel = GossipChannel.for(name, this.#host, gossiper);
    this.#channels.set(name, channel);
    // A channel hands data only to the gossiper that it came from, so it need not know its type.
    return channel as unknown as Channel<D>;
  }

  /** Hands a gossip message to its channel; see GossipChannel.deliver. */
  deliver(tag: number, body: Uint8Array): void | Promise<void> {
    const envelope = new EnvelopeReader(body, this.#host.flavour);
    const name = envelope.channel();
    return (this.#channels.get(name) ?? this.#surrogate(name))?.deliver(tag, envelope, body);
  }

  /** Each channel tells random neighbours everything it knows. */
  gossipEverything(): void {
    for (const channel of this.#shuffled()) channel.gossipEverything();
  }

  /** Each channel, in random order, tells one neighbour everything it knows. */
  sendEverythingDown(connection: LocalConnection): void {
    for (const channel of this.#shuffled()) channel.sendEverythingDown(connection);
  }

  #surrogate(name: string): GossipChannel | undefined {
    if (this.#surrogates.size >= maxSurrogateChannels || name.length > maxSurrogateNameLength) {
      if (this.#refusedSurrogates++ === 0) {
        const limit = `${maxSurrogateChannels} unknown channels, with names of at most ${maxSurrogateNameLength}`;
        this.#host.log(`dropping messages on further channels: we relay ${limit}`);
      }
      return undefined;
    }
    const gossiper = new SurrogateGossiper({
      now: () => this.#host.clock.now(),
      gossipIntervalMs: this.#host.gossipIntervalMs,
    });
    const channel = GossipChannel.for(name, this.#host, gossiper);
    channel.log("created surrogate channel");
    this.#channels.set(name, channel);
    this.#surrogates.add(channel);
    return channel;
  }

  #shuffled(): GossipChannel[] {
    const channels = [...this.#channels.values()];
    for (let i = channels.length - 1; i > 0; i--) {
      const j = this.#host.random.int(i + 1);
      [channels[i], channels[j]] = [channels[j]!, channels[i]!];
    }
    return channels;
  }
}
