import type { Channel, Flavour, Gossiper, PeerName } from "weave-mesh";
import { CounterState, decodeCounts } from "./state.ts";

/** The counter of one peer: receives the others' counts and sends its own. */
export class CounterPeer implements Gossiper<CounterState> {
  readonly #name: PeerName;
  readonly #flavour: Flavour;
  readonly #log: (line: string) => void;
  #state: CounterState;
  #channel: Channel<CounterState> | undefined;

  constructor(name: PeerName, flavour: Flavour, log: (line: string) => void) {
    this.#name = name;
    this.#flavour = flavour;
    this.#log = log;
    this.#state = new CounterState(new Map(), flavour);
  }

  /** Says where to send: the channel that this peer was registered for. */
  register(channel: Channel<CounterState>): void {
    this.#channel = channel;
  }

  /** The counter's value, as far as this peer knows. */
  get(): number {
    return this.#state.total;
  }

  /** Counts once, tells all peers, and returns the counter's new value. */
  incr(): number {
    this.#state = this.#state.incremented(this.#name);
    if (this.#channel === undefined) this.#log("no sender configured; not broadcasting update right now");
    else this.#channel.broadcast(this.#state);
    return this.#state.total;
  }

  /** Everything we know. */
  gossip(): CounterState {
    this.#log(`Gossip => complete ${this.#state}`);
    return this.#state;
  }

  /** Takes in a neighbour's counts; what was new is gossiped on, if anything was. */
  onGossip(update: Uint8Array): CounterState | undefined {
    const delta = this.#takeIn(update);
    const news = delta.counts.size > 0 ? delta : undefined;
    this.#log(`OnGossip ${delta} => delta ${news ?? "<nil>"}`);
    return news;
  }

  /** Takes in the counts that `source` told everyone; what was new goes on to the others, even if nothing was. */
  onBroadcast(source: PeerName, update: Uint8Array): CounterState {
    const received = this.#takeIn(update);
    this.#log(`OnGossipBroadcast ${source} ${received} => delta ${received}`);
    return received;
  }

  /** Takes in counts sent to us alone. */
  onUnicast(source: PeerName, message: Uint8Array): void {
    const told = new CounterState(decodeCounts(message, this.#flavour), this.#flavour);
    this.#state = this.#state.merge(told);
    this.#log(`OnGossipUnicast ${source} ${told} => complete ${this.#state}`);
  }

  /** Merges an update into our state and returns what was new in it. */
  #takeIn(update: Uint8Array): CounterState {
    const novel = this.#state.novel(decodeCounts(update, this.#flavour));
    this.#state = this.#state.merge(novel);
    return novel;
  }
}
