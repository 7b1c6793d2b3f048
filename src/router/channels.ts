import { escapeText } from "../go-text/index.ts";
import {
  type Channel,
  type ChannelPeer,
  GossipChannel,
  type GossipConnection,
  type GossipData,
  GossipError,
  type Gossiper,
  HeldUnicasts,
  maxRememberedGossips,
  SharedBudget,
  SurrogateGossiper,
  totalBacklogBytes,
} from "../gossip/index.ts";
import type { Flavour } from "../peer-name.ts";
import type { Clock, Random } from "../transport/index.ts";
import { EnvelopeReader } from "../wire/index.ts";
import type { LocalConnection } from "./local-connection.ts";

/**
 * The most channels that are relayed without a gossiper of ours. Beyond it the quarter that was not used for the
 * longest time is forgotten: their next message makes them anew, without memory of earlier gossip.
 */
export const maxSurrogateChannels = 4096;

/** The longest name of such a channel, in UTF-16 units. Messages on channels with longer names are dropped. */
export const maxSurrogateNameLength = 4096;

/** The router as its channels use it. */
export interface ChannelsHost extends Omit<ChannelPeer, "heldUnicasts"> {
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
  /** The bytes that may wait for all connections together. */
  readonly backlog = new SharedBudget(totalBacklogBytes);
  readonly #host: ChannelsHost;
  readonly #peer: ChannelPeer;
  readonly #channels = new Map<string, GossipChannel>();
  readonly #surrogates = new Map<GossipChannel, Surrogate>();
  /** The updates that the surrogates remember together. */
  readonly #memory = new SharedBudget(maxRememberedGossips);
  /** Counts messages on surrogate channels. */
  #uses = 0;

  constructor(host: ChannelsHost) {
    this.#host = host;
    this.#peer = { ...host, heldUnicasts: new HeldUnicasts() };
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
      const surrogate = this.#surrogates.get(present);
      if (surrogate === undefined) {
        throw new GossipError("duplicate-channel", name, `[gossip] duplicate channel ${name}`);
      }
      this.#surrogates.delete(present);
      surrogate.gossiper.forget();
      for (const connection of this.#host.connections()) connection.senders.retire(present);
    }
    const channel = GossipChannel.for(name, this.#peer, gossiper);
    this.#channels.set(name, channel);
    // A channel hands data only to the gossiper that it came from, so it need not know its type.
    return channel as unknown as Channel<D>;
  }

  /** Hands a gossip message that came on a connection to its channel; see GossipChannel.deliver. */
  deliver(tag: number, body: Uint8Array, from: GossipConnection): void | Promise<void> {
    const envelope = new EnvelopeReader(body, this.#host.flavour);
    const name = envelope.channel();
    const channel = this.#channels.get(name) ?? this.#addSurrogate(name, from);
    if (channel === undefined) return;
    if (this.#surrogates.size > 0) {
      const surrogate = this.#surrogates.get(channel);
      if (surrogate !== undefined) surrogate.lastUse = ++this.#uses;
    }
    return channel.deliver(tag, envelope, body, from);
  }

  /** Each channel tells random neighbours everything it knows. */
  gossipEverything(): void {
    for (const channel of this.#shuffled()) channel.gossipEverything();
  }

  /** Each channel, in random order, tells one neighbour everything it knows. */
  sendEverythingDown(connection: LocalConnection): void {
    for (const channel of this.#shuffled()) channel.sendEverythingDown(connection);
  }

  #addSurrogate(name: string, from: GossipConnection): GossipChannel | undefined {
    if (name.length > maxSurrogateNameLength) {
      const limit = `the name of an unknown channel exceeds ${maxSurrogateNameLength} characters`;
      from.journal.received(() => `dropped a message: ${limit}: ${escapeText(name)}`);
      return undefined;
    }
    if (this.#surrogates.size >= maxSurrogateChannels) this.#forgetOldest();
    const gossiper = new SurrogateGossiper({
      now: () => this.#host.clock.now(),
      gossipIntervalMs: this.#host.gossipIntervalMs,
      memory: this.#memory,
    });
    const channel = GossipChannel.for(name, this.#peer, gossiper);
    from.journal.received(() => channel.logLine("created surrogate channel"));
    this.#channels.set(name, channel);
    this.#surrogates.set(channel, { gossiper, lastUse: 0 });
    return channel;
  }

  /** Forgets a quarter of the surrogates, so that the search for the oldest is made once in many additions. */
  #forgetOldest(): void {
    const byAge = [...this.#surrogates].sort(([, a], [, b]) => a.lastUse - b.lastUse);
    for (const [channel, { gossiper }] of byAge.slice(0, Math.ceil(byAge.length / 4))) {
      gossiper.forget();
      this.#surrogates.delete(channel);
      this.#channels.delete(channel.name);
    }
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

/** A surrogate and its place in the order of use. */
interface Surrogate {
  readonly gossiper: SurrogateGossiper;
  lastUse: number;
}
