import { goBytes } from "../go-text/index.ts";
import type { PeerName } from "../peer-name.ts";
import type { Peers } from "../topology/index.ts";
import { GossipError } from "./errors.ts";
import type { GossipData, Gossiper } from "./gossiper.ts";

/** The channel on which peers tell each other what the mesh looks like. */
export const topologyChannel = "topology";

/**
 * A set of peers to tell of: what the original calls topologyGossipData (router.go).
 *
 * It holds names only. What is known of them when the message is sent is what goes out, without those that were
 * collected meanwhile.
 */
export class TopologyData implements GossipData<TopologyData> {
  readonly #peers: Peers;
  readonly names: ReadonlySet<PeerName>;

  constructor(peers: Peers, names: ReadonlySet<PeerName>) {
    this.#peers = peers;
    this.names = names;
  }

  /** One message, or several where one frame would not hold them all. */
  encode(): Uint8Array[] {
    return this.#peers.encodeMessages(this.names);
  }

  merge(other: TopologyData): TopologyData {
    return new TopologyData(this.#peers, new Set([...this.names, ...other.names]));
  }
}

/**
 * The gossiper of the topology channel: what the original's Router is in this role (router.go, OnGossip and others).
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
