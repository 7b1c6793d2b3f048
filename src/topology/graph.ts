import { PeerName } from "../peer-name.ts";
import { Adjacency } from "./adjacency.ts";
import { GossipedConnections } from "./gossiped-connections.ts";
import type { LocalPeer } from "./local-peer.ts";
import { NamedHops, type NextHops, RankedHops, RankedMembers } from "./next-hops.ts";
import type { Peer } from "./peer.ts";
import { type LinkRule, linkedPeers, search } from "./search.ts";

/** What a search over ranks found. */
interface RankSearch {
  /** For each rank the rank of the first hop; the start's own for the start; -1 for what was not found. */
  readonly hops: Int32Array;
  readonly found: number;
}

/**
 * The mesh as a graph of small integers, for the searches that routing and collection make.
 *
 * A peer's *rank* is its place in the order of names. So a ring in the order of names is a ring of sorted integers, and the set
 * of peers found is a typed array. Sorted members are kept until members come or go, rows until anything changes.
 *
 * The fast form assumes that each connection leads to a member, which is so but for one case: a peer that is still being
 * connected to survives collection while the peers it leads to do not (*strays*). Then a search can also end as soon as all
 * members are found. While there are strays, the plain form of `search.ts` takes over: it follows connections to peers that are
 * no longer members, as the original does.
 */
export class PeerGraph {
  readonly #ourself: LocalPeer;
  /** Members in the order of names, then those not yet sorted in. Replaced, never changed, once tables refer to it. */
  #members: Peer[] = [];
  /** The same for the tables; made when there is one. */
  #ranked: RankedMembers | undefined;
  #newcomers: Peer[] = [];
  #removed = new Set<Peer>();
  readonly #rows = new Adjacency();
  #localRevision = -1;
  #strays = false;
  #strayCheckDue = false;

  constructor(ourself: LocalPeer) {
    this.#ourself = ourself;
  }

  add(peer: Peer): void {
    this.#newcomers.push(peer);
  }

  /** Takes a member out. `strays`: one that stays may still lead to it. */
  remove(peer: Peer, strays: boolean): void {
    this.#removed.add(peer);
    this.#strays ||= strays;
    this.#strayCheckDue = true;
  }

  /** To be called when another peer's connections were replaced. Changes of our own are noticed. */
  connectionsChanged(peer: Peer): void {
    if (this.#members[peer.rank] === peer) this.#rows.forget(peer.rank);
    this.#strayCheckDue = true;
  }

  /** The peers that can be reached from us, and how. */
  nextHops(rule: LinkRule): NextHops {
    const result = this.#search(this.#ourself, rule);
    if (result === undefined) return new NamedHops(search(this.#ourself, rule).reached);
    this.#ranked ??= new RankedMembers(this.#members);
    return new RankedHops(this.#ranked, result.hops, result.found, this.#ourself.rank);
  }

  /**
   * Our neighbours to whom a broadcast of this peer is to be passed on, in the order of names: those that a search from it has
   * not found when it is our turn. None if it does not come to us.
   */
  broadcastHops(source: Peer, rule: LinkRule): PeerName[] {
    const result = this.#searchForOurTurn(source, rule);
    if (result !== undefined) return result;
    const { reached, arrived } = search(source, rule, this.#ourself);
    if (!arrived) return [];
    const hops: PeerName[] = [];
    for (const remote of linkedPeers(this.#ourself, rule)) {
      if (!reached.has(remote.name)) hops.push(remote.name);
    }
    return hops.sort(PeerName.compare);
  }

  /** Whether a member can be reached from us over any connections; for all members at once. */
  reachability(): (peer: Peer) => boolean {
    const result = this.#search(this.#ourself, "all");
    if (result !== undefined) return (peer) => result.hops[peer.rank] !== -1;
    const { reached } = search(this.#ourself, "all");
    return (peer) => reached.has(peer.name);
  }

  /** Searches from a member to the end. Undefined if only the plain form will do. */
  #search(from: Peer, rule: LinkRule): RankSearch | undefined {
    this.#refresh();
    const members = this.#members;
    const hops = new Int32Array(members.length).fill(-1);
    if (this.#strays || members[from.rank] !== from) return undefined;
    hops[from.rank] = from.rank;
    let found = 1;
    let ring = Int32Array.of(from.rank);
    const next = new Int32Array(members.length);
    while (ring.length > 0 && found < members.length) {
      let nextLength = 0;
      for (const rank of ring) {
        const start = this.#row(rank);
        if (start === undefined) return undefined;
        const { links, lengths, establishedLengths } = this.#rows;
        const end = start + (rule === "all" ? lengths : establishedLengths)[rank]!;
        for (let i = start; i < end; i++) {
          const remote = links[i]!;
          if (hops[remote] !== -1 || !this.#counts(rank, remote, rule)) continue;
          hops[remote] = rank === from.rank ? remote : hops[rank]!;
          next[nextLength++] = remote;
          found++;
        }
      }
      ring = next.slice(0, nextLength).sort();
    }
    return { hops, found };
  }

  /**
   * Searches from a member until it is our turn, or until all our neighbours are found: then there is nobody to pass on to,
   * whether our turn comes or not, and in a dense mesh that is after the first ring.
   */
  #searchForOurTurn(source: Peer, rule: LinkRule): PeerName[] | undefined {
    this.#refresh();
    const members = this.#members;
    const ours = this.#ourself.rank;
    if (this.#strays || members[source.rank] !== source || members[ours] !== this.#ourself) return undefined;
    // 0: not found, 1: found, 2: not found and our neighbour.
    const marks = new Uint8Array(members.length);
    const neighbours = this.#neighbours(ours, rule);
    if (neighbours === undefined) return undefined;
    for (const rank of neighbours) marks[rank] = 2;
    let missing = neighbours.length;
    if (marks[source.rank] === 2) missing--;
    marks[source.rank] = 1;
    let ring = Int32Array.of(source.rank);
    const next = new Int32Array(members.length);
    while (ring.length > 0) {
      let nextLength = 0;
      for (const rank of ring) {
        if (rank === ours) {
          const left = neighbours.filter((neighbour) => marks[neighbour] === 2).sort();
          return Array.from(left, (neighbour) => members[neighbour]!.name);
        }
        if (missing === 0) return [];
        const start = this.#row(rank);
        if (start === undefined) return undefined;
        const { links, lengths, establishedLengths } = this.#rows;
        const end = start + (rule === "all" ? lengths : establishedLengths)[rank]!;
        for (let i = start; i < end; i++) {
          const remote = links[i]!;
          const mark = marks[remote];
          if (mark === 1 || !this.#counts(rank, remote, rule)) continue;
          if (mark === 2) missing--;
          marks[remote] = 1;
          next[nextLength++] = remote;
        }
      }
      ring = next.slice(0, nextLength).sort();
    }
    return [];
  }

  #neighbours(rank: number, rule: LinkRule): Int32Array | undefined {
    const start = this.#row(rank);
    if (start === undefined) return undefined;
    const { links, lengths, establishedLengths } = this.#rows;
    if (rule === "all") return links.subarray(start, start + lengths[rank]!);
    return links
      .subarray(start, start + establishedLengths[rank]!)
      .filter((remote) => this.#counts(rank, remote, rule));
  }

  /** Whether the other end of an established connection says the same. Asked only of ends not yet found: it is a look-up. */
  #counts(rank: number, remote: number, rule: LinkRule): boolean {
    if (rule === "all") return true;
    const peer = this.#members[rank]!;
    const { connections } = this.#members[remote]!;
    if (connections instanceof GossipedConnections) return connections.isEstablishedTo(peer);
    return connections.get(peer.name)?.established === true;
  }

  /** Where the row begins; made when a search first comes to the peer. Undefined if a connection leads to no member. */
  #row(rank: number): number | undefined {
    const known = this.#rows.starts[rank]!;
    if (known !== -1) return known;
    const { connections } = this.#members[rank]!;
    const start = this.#rows.add(rank, connections.size);
    const { links, establishedLengths } = this.#rows;
    let establishedEnd = start;
    let end = start + connections.size;
    const place = (remote: Peer, established: boolean): boolean => {
      links[established ? establishedEnd++ : --end] = remote.rank;
      return this.#members[remote.rank] === remote;
    };
    let within = true;
    if (connections instanceof GossipedConnections) {
      connections.forEachLink((remote, established) => {
        within &&= place(remote, established);
      });
    } else {
      for (const { remote, established } of connections.values()) within &&= place(remote, established);
    }
    if (!within) {
      this.#rows.forget(rank);
      return undefined;
    }
    establishedLengths[rank] = establishedEnd - start;
    return start;
  }

  #refresh(): void {
    if (this.#newcomers.length > 0 || this.#removed.size > 0) {
      const stay = this.#members.concat(this.#newcomers).filter((peer) => !this.#removed.has(peer));
      this.#newcomers = [];
      this.#removed = new Set();
      // Nearly sorted already, which is what the engine's sort is quickest at.
      this.#members = stay.sort((a, b) => PeerName.compare(a.name, b.name));
      for (const [rank, peer] of this.#members.entries()) peer.rank = rank;
      this.#ranked = undefined;
      this.#rows.reset(this.#members.length);
    }
    if (this.#strayCheckDue) {
      this.#strays &&= this.#anyStray();
      this.#strayCheckDue = false;
    }
    if (this.#localRevision !== this.#ourself.revision) {
      this.#localRevision = this.#ourself.revision;
      this.#rows.forget(this.#ourself.rank);
    }
  }

  #anyStray(): boolean {
    for (const peer of this.#members) {
      for (const { remote } of peer.connections.values()) {
        if (this.#members[remote.rank] !== remote) return true;
      }
    }
    return false;
  }
}
