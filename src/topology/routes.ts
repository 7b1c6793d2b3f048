import { PeerName } from "../peer-name.ts";
import type { Random } from "../transport/index.ts";
import type { LocalPeer } from "./local-peer.ts";
import { NamedHops, type NextHops } from "./next-hops.ts";
import type { Peers } from "./peers.ts";
import { drawNeighbours } from "./random-neighbours.ts";
import type { LinkRule } from "./search.ts";

type BroadcastTable = Map<PeerName, readonly PeerName[]>;

/**
 * How to reach each peer from us, and to whom to pass on each peer's broadcasts.
 *
 * Two sets of tables: *established* over connections that are established and told of by both ends, which Status shows and by
 * which a new connection is judged; *all* over all connections, which gossip, unicast and broadcast use.
 *
 * Tables stand until `calculate`; until its first call only ourselves can be reached. There is no timer here: the router puts
 * off recalculation (100 ms) and shares it. Source: routes.go, `routes`.
 */
export class Routes {
  readonly #ourself: LocalPeer;
  readonly #peers: Peers;
  readonly #random: Random;
  #unicast: NextHops;
  #unicastAll: NextHops;
  #broadcast: BroadcastTable;
  #broadcastAll: BroadcastTable;

  constructor(ourself: LocalPeer, peers: Peers, random: Random) {
    this.#ourself = ourself;
    this.#peers = peers;
    this.#random = random;
    const onlyUs = new NamedHops(new Map([[ourself.name, PeerName.unknown(peers.flavour)]]));
    this.#unicast = onlyUs;
    this.#unicastAll = onlyUs;
    this.#broadcast = new Map([[ourself.name, []]]);
    this.#broadcastAll = new Map([[ourself.name, []]]);
  }

  /** The next hop to a peer over established connections: the unknown name for ourselves, undefined if there is no way. */
  unicast(name: PeerName): PeerName | undefined {
    return this.#unicast.to(name);
  }

  /** The next hop to a peer over any connections: the unknown name for ourselves, undefined if there is no way. */
  unicastAll(name: PeerName): PeerName | undefined {
    return this.#unicastAll.to(name);
  }

  /**
   * To whom to pass on a broadcast of this peer over established connections, in the order of names.
   *
   * Calculated from what is known when first asked for, and kept until the next `calculate`.
   */
  broadcast(name: PeerName): readonly PeerName[] {
    return this.#lookUpOrCalculate(name, this.#broadcast, "established");
  }

  /** As `broadcast`, over any connections. */
  broadcastAll(name: PeerName): readonly PeerName[] {
    return this.#lookUpOrCalculate(name, this.#broadcastAll, "all");
  }

  /**
   * Neighbours to gossip with: `min(2 log2(peers that can be reached, with us), neighbours)` of them, rounded down, drawn
   * without replacement, each weighted by how many destinations lie behind it. `except` is left out: who sent it to us.
   */
  randomNeighbours(except: PeerName): PeerName[] {
    return drawNeighbours(this.#unicastAll, except, this.#random);
  }

  /** Calculates the tables anew from what is known now. */
  calculate(): void {
    const { name } = this.#ourself;
    const { graph } = this.#peers;
    this.#unicast = graph.nextHops("established");
    this.#unicastAll = graph.nextHops("all");
    this.#broadcast = new Map([[name, graph.broadcastHops(this.#ourself, "established")]]);
    this.#broadcastAll = new Map([[name, graph.broadcastHops(this.#ourself, "all")]]);
  }

  /** The routes over established connections, as Status shows them. */
  unicastTable(): ReadonlyMap<PeerName, PeerName> {
    return this.#unicast.table;
  }

  /** The broadcast routes over established connections that were asked for since the last calculation. */
  broadcastTable(): ReadonlyMap<PeerName, readonly PeerName[]> {
    return this.#broadcast;
  }

  #lookUpOrCalculate(name: PeerName, table: BroadcastTable, rule: LinkRule): readonly PeerName[] {
    let hops = table.get(name);
    if (hops === undefined) {
      const source = this.#peers.get(name);
      hops = source === undefined ? [] : this.#peers.graph.broadcastHops(source, rule);
      table.set(name, hops);
    }
    return hops;
  }
}
