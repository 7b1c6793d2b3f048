import { goBytes } from "../go-text/index.ts";
import type { PeerName } from "../peer-name.ts";
import type { Peers } from "../topology/index.ts";
import { GossipError } from "./errors.ts";
import type { GossipData, Gossiper } from "./gossiper.ts";

/** The channel on which peers tell each other what the mesh looks like. */
export const topologyChannel = "topology";

/** The number of names beyond twice the known peers at which merged data drops the names of collected peers. */
const unknownNamesKept = 1024;

/** The bytes that a name takes in a set, the name itself not counted, which the known peer has, too. */
const nameBytes = 40;

/**
 * A set of peers to describe to others: the original's topologyGossipData (router.go).
 *
 * It holds names only. A message describes the peers as they are known when it is sent, without those collected meanwhile. While a neighbour is slow, one object after the other is merged into the waiting one, which can hold all names of the
 * mesh. So results of merging share one growing set, of which each result is the beginning: a merge costs what it adds.
 */
export class TopologyData implements GossipData<TopologyData> {
  readonly #peers: Peers;
  readonly #set: ReadonlySet<PeerName>;
  /** The number of names, from the beginning of `#set`, that belong to this object. */
  readonly size: number;
  /** `#set`, if it was made by a merge and may grow. */
  readonly #growing: Set<PeerName> | undefined;

  constructor(peers: Peers, names: ReadonlySet<PeerName>, growing?: Set<PeerName>) {
    this.#peers = peers;
    this.#set = names;
    this.#growing = growing;
    this.size = names.size;
  }

  /** A new set of the names. */
  get names(): ReadonlySet<PeerName> {
    return new Set(this);
  }

  /** The names, in the order in which they were added. */
  *[Symbol.iterator](): Generator<PeerName, void, undefined> {
    let left = this.size;
    for (const name of this.#set) {
      if (left-- === 0) return;
      yield name;
    }
  }

  /** One message, or several where one frame would not hold them all. */
  encode(): Uint8Array[] {
    return this.#peers.encodeMessages(this);
  }

  /** The first message, and the peers that are described in others. */
  encodeFirst(): { message: Uint8Array; rest: TopologyData | undefined } {
    const { message, rest } = this.#peers.encodeFirst(this);
    return { message, rest: rest.length === 0 ? undefined : new TopologyData(this.#peers, new Set(rest)) };
  }

  /** The bytes that the names take. */
  get heldBytes(): number {
    return this.size * nameBytes;
  }

  merge(other: TopologyData): TopologyData {
    const merged = this.#growing?.size === this.size ? this.#growing : new Set(this);
    for (const name of other) merged.add(name);
    if (merged.size <= 2 * this.#peers.size + unknownNamesKept) {
      return new TopologyData(this.#peers, merged, merged);
    }
    // Peers that come and go must not make this grow without end.
    const known = new Set<PeerName>();
    for (const name of merged) if (this.#peers.get(name) !== undefined) known.add(name);
    return new TopologyData(this.#peers, known, known);
  }
}

/**
 * The gossiper of the topology channel: this role of the original's Router (router.go, OnGossip and others).
 */
export class TopologyGossiper implements Gossiper<TopologyData> {
  readonly #peers: Peers;
  readonly #applied: (changed: boolean) => void;

  /** `applied` runs after each update; `changed` says whether it brought anything new. */
  constructor(peers: Peers, applied: (changed: boolean) => void) {
    this.#peers = peers;
    this.#applied = applied;
  }

  onUnicast(_source: PeerName, message: Uint8Array): never {
    const text = `unexpected topology gossip unicast: ${goBytes(message)}`;
    throw new GossipError("unexpected-unicast", topologyChannel, text);
  }

  /** Relays all that was described, new or not, along the broadcast tree. */
  onBroadcast(_source: PeerName, update: Uint8Array): TopologyData | undefined {
    return this.#dataOf(this.#apply(update).described);
  }

  gossip(): TopologyData {
    return new TopologyData(this.#peers, this.#peers.names());
  }

  /** Relays what was new. */
  onGossip(update: Uint8Array): TopologyData | undefined {
    return this.#dataOf(this.#apply(update).changed);
  }

  #apply(update: Uint8Array): { described: ReadonlySet<PeerName>; changed: ReadonlySet<PeerName> } {
    const result = this.#peers.applyUpdate(update);
    this.#applied(result.changed.size > 0);
    return result;
  }

  #dataOf(names: ReadonlySet<PeerName>): TopologyData | undefined {
    return names.size === 0 ? undefined : new TopologyData(this.#peers, names);
  }
}
