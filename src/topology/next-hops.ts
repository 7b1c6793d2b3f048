import { PeerName } from "../peer-name.ts";
import type { Peer } from "./peer.ts";

/**
 * Next hops: for each peer that can be reached, the neighbour by which to reach it; ourselves by the unknown name. They are a
 * picture of the mesh at one moment and never change.
 */
export interface NextHops {
  /** The number of peers that can be reached, ourselves among them. */
  readonly size: number;
  /** The next hop to a peer: the unknown name for ourselves, undefined if there is no way. */
  to(name: PeerName): PeerName | undefined;
  /** All of them, by destination; made when first asked for, since not every picture of the mesh is looked at whole. */
  readonly table: ReadonlyMap<PeerName, PeerName>;
  /** The number of destinations behind each neighbour, itself included. */
  readonly weights: ReadonlyMap<PeerName, number>;
}

/** Next hops by name, as a plain search gives them. */
export class NamedHops implements NextHops {
  readonly table: ReadonlyMap<PeerName, PeerName>;

  constructor(table: ReadonlyMap<PeerName, PeerName>) {
    this.table = table;
  }

  get size(): number {
    return this.table.size;
  }

  to(name: PeerName): PeerName | undefined {
    return this.table.get(name);
  }

  get weights(): ReadonlyMap<PeerName, number> {
    const weights = new Map<PeerName, number>();
    for (const hop of this.table.values()) {
      if (hop === PeerName.unknown(PeerName.flavourOf(hop))) continue;
      weights.set(hop, (weights.get(hop) ?? 0) + 1);
    }
    return weights;
  }
}

/** Members of the mesh in the order of names, and the way back from a name to its place. Never changes. */
export class RankedMembers {
  readonly members: readonly Peer[];
  #ranks: Map<PeerName, number> | undefined;

  /** Takes over the array. */
  constructor(members: readonly Peer[]) {
    this.members = members;
  }

  /** The place of a name, undefined if it is not a member's. */
  rankOf(name: PeerName): number | undefined {
    this.#ranks ??= new Map(this.members.map((peer, rank) => [peer.name, rank]));
    return this.#ranks.get(name);
  }
}

/**
 * Next hops as ranks: calculating them costs no entry in a table of names, and all pictures of the same members share the one
 * table that looking up takes.
 */
export class RankedHops implements NextHops {
  readonly size: number;
  readonly #ranked: RankedMembers;
  readonly #hops: Int32Array;
  readonly #ourRank: number;
  #table: ReadonlyMap<PeerName, PeerName> | undefined;
  #weights: ReadonlyMap<PeerName, number> | undefined;

  /** `hops`: for each rank the rank of the next hop, -1 where there is no way; `size` of them are not -1. Takes it over. */
  constructor(ranked: RankedMembers, hops: Int32Array, size: number, ourRank: number) {
    this.#ranked = ranked;
    this.#hops = hops;
    this.size = size;
    this.#ourRank = ourRank;
  }

  to(name: PeerName): PeerName | undefined {
    const rank = this.#ranked.rankOf(name);
    return rank === undefined ? undefined : this.#nameOfHop(rank);
  }

  get table(): ReadonlyMap<PeerName, PeerName> {
    if (this.#table === undefined) {
      const table = new Map<PeerName, PeerName>();
      for (const [rank, { name }] of this.#ranked.members.entries()) {
        const hop = this.#nameOfHop(rank);
        if (hop !== undefined) table.set(name, hop);
      }
      this.#table = table;
    }
    return this.#table;
  }

  get weights(): ReadonlyMap<PeerName, number> {
    if (this.#weights === undefined) {
      const counts = new Int32Array(this.#hops.length);
      const neighbours: number[] = [];
      for (const hop of this.#hops) {
        if (hop !== -1 && hop !== this.#ourRank && counts[hop]!++ === 0) neighbours.push(hop);
      }
      const { members } = this.#ranked;
      const weights = new Map(neighbours.map((hop) => [members[hop]!.name, counts[hop]!]));
      this.#weights = weights;
    }
    return this.#weights;
  }

  #nameOfHop(rank: number): PeerName | undefined {
    const hop = this.#hops[rank]!;
    if (hop === -1) return undefined;
    const { name } = this.#ranked.members[hop]!;
    return rank === this.#ourRank ? PeerName.unknown(PeerName.flavourOf(name)) : name;
  }
}
