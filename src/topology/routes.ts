import { PeerName } from "../peer-name.ts";
import type { Random } from "../transport/index.ts";
import type { LocalPeer } from "./local-peer.ts";
import { NamedHops, type NextHops } from "./next-hops.ts";
import type { Peers } from "./peers.ts";
import { drawNeighbours } from "./random-neighbours.ts";
import type { LinkRule } from "./search.ts";

/** The number of next hops of all broadcast routes that are kept; beyond that all are dropped, and calculated anew when asked for. */
export const maxKeptHops = 4 * 1024 * 1024;

const noHops: readonly PeerName[] = [];

/** Broadcast routes by source, which are dropped when there are too many hops. */
class BroadcastTable {
  readonly routes = new Map<PeerName, readonly PeerName[]>();
  readonly #limit: number;
  #hops = 0;

  /** Begins with one route. `limit`: the number of hops to keep, to which each route adds 1. */
  constructor(source: PeerName, hops: readonly PeerName[], limit: number) {
    this.#limit = limit;
    this.add(source, hops);
  }

  add(source: PeerName, hops: readonly PeerName[]): void {
    if (this.#hops + hops.length + 1 > this.#limit) {
      this.routes.clear();
      this.#hops = 0;
    }
    this.routes.set(source, hops);
    this.#hops += hops.length + 1;
  }
}

/**
 * The next hops to each peer, and those for each peer's broadcasts.
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

  readonly #keptHops: number;

  /** `keptHops`: see {@link maxKeptHops}, which is the default. */
  constructor(ourself: LocalPeer, peers: Peers, random: Random, keptHops: number = maxKeptHops) {
    this.#keptHops = keptHops;
    this.#ourself = ourself;
    this.#peers = peers;
    this.#random = random;
    const onlyUs = new NamedHops(new Map([[ourself.name, PeerName.unknown(peers.flavour)]]));
    this.#unicast = onlyUs;
    this.#unicastAll = onlyUs;
    this.#broadcast = new BroadcastTable(ourself.name, noHops, keptHops);
    this.#broadcastAll = new BroadcastTable(ourself.name, noHops, keptHops);
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
   * The neighbours to pass a broadcast of this peer on to over established connections, in the order of names.
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
   * without replacement, each weighted by how many destinations lie behind it. `except`, which sent it to us, is left out.
   */
  randomNeighbours(except: PeerName): PeerName[] {
    return drawNeighbours(this.#unicastAll, except, this.#random);
  }

  /** The number of peers and connections visited so far, in all calculations, as a measure of their cost. */
  get steps(): number {
    return this.#peers.graph.steps;
  }

  /** Calculates the tables anew from what is known now. */
  calculate(): void {
    const { graph } = this.#peers;
    this.#unicast = graph.nextHops("established");
    this.#unicastAll = graph.nextHops("all");
    this.#broadcast = this.#tableWithOurs("established");
    this.#broadcastAll = this.#tableWithOurs("all");
  }

  /** The routes over established connections, as Status shows them. */
  unicastTable(): ReadonlyMap<PeerName, PeerName> {
    return this.#unicast.table;
  }

  /** The broadcast routes over established connections that were asked for since the last calculation. */
  broadcastTable(): ReadonlyMap<PeerName, readonly PeerName[]> {
    return this.#broadcast.routes;
  }

  #tableWithOurs(rule: LinkRule): BroadcastTable {
    const hops = this.#peers.graph.broadcastHops(this.#ourself, rule);
    return new BroadcastTable(this.#ourself.name, hops, this.#keptHops);
  }

  #lookUpOrCalculate(name: PeerName, table: BroadcastTable, rule: LinkRule): readonly PeerName[] {
    const known = table.routes.get(name);
    if (known !== undefined) return known;
    const source = this.#peers.get(name);
    // A message can name any source: what is kept for names that nobody has would grow without end.
    if (source === undefined) return noHops;
    const hops = this.#peers.graph.broadcastHops(source, rule);
    table.add(name, hops);
    return hops;
  }
}
