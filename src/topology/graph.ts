import { PeerName } from "../peer-name.ts";
import { Adjacency } from "./adjacency.ts";
import { GossipedConnections } from "./gossiped-connections.ts";
import type { LocalPeer } from "./local-peer.ts";
import { NamedHops, type NextHops, RankedHops, RankedMembers } from "./next-hops.ts";
import type { Peer } from "./peer.ts";
import { forEachLink, type LinkRule, linkedPeers, type SearchResult, search } from "./search.ts";

/** The result of a search over ranks. */
interface RankSearch {
  /** For each rank the rank of the first hop; the start's own for the start; -1 for a peer that was not found. */
  readonly hops: Int32Array;
  /** The ranks found, ring by ring, each ring in order. */
  readonly found: Int32Array;
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
  /** For each rank the last search over established connections that has asked what its peer says. */
  #asked = new Uint32Array(0);
  #searches = 0;
  #steps = 0;

  constructor(ourself: LocalPeer) {
    this.#ourself = ourself;
  }

  /** The number of peers and connections that all searches have visited so far, as a measure of their cost. */
  get steps(): number {
    return this.#steps;
  }

  add(peer: Peer): void {
    this.#newcomers.push(peer);
  }

  /** Takes a member out. `strays`: a member that stays may still lead to it. */
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

  /** The peers that can be reached from us, with the next hop to each. */
  nextHops(rule: LinkRule): NextHops {
    const result = this.#search(this.#ourself, rule);
    if (result === undefined) return new NamedHops(this.#plainSearch(this.#ourself, rule).reached);
    this.#ranked ??= new RankedMembers(this.#members);
    return new RankedHops(this.#ranked, result.hops, result.found.length, this.#ourself.rank);
  }

  /**
   * Our neighbours that a broadcast of this peer is passed on to, in the order of names: those that a search from it has not found
   * when it is our turn. None if the search does not come to us.
   */
  broadcastHops(source: Peer, rule: LinkRule): PeerName[] {
    const result = this.#searchForOurTurn(source, rule);
    if (result !== undefined) return result;
    const { reached, arrived } = this.#plainSearch(source, rule, this.#ourself);
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
    const { reached } = this.#plainSearch(this.#ourself, "all");
    return (peer) => reached.has(peer.name);
  }

  /** The peers that can be reached from us over any connections, in the order of a breadth-first search. */
  searchOrder(): Peer[] {
    const result = this.#search(this.#ourself, "all");
    if (result !== undefined) return Array.from(result.found, (rank) => this.#members[rank]!);
    const byName = new Map(this.#members.map((peer) => [peer.name, peer]));
    const names = [...this.#plainSearch(this.#ourself, "all").reached.keys()];
    return names.flatMap((name) => byName.get(name) ?? []);
  }

  #plainSearch(from: Peer, rule: LinkRule, stopAt?: Peer): SearchResult {
    const result = search(from, rule, stopAt);
    this.#steps += result.steps;
    return result;
  }

  /** Searches from a member to the end. Undefined if only the plain form will do. */
  #search(from: Peer, rule: LinkRule): RankSearch | undefined {
    this.#refresh();
    const members = this.#members;
    if (this.#strays || members[from.rank] !== from) return undefined;
    this.#forgetQuestions(rule);
    const hops = new Int32Array(members.length).fill(-1);
    hops[from.rank] = from.rank;
    // The rings, one after the other.
    const found = new Int32Array(members.length);
    found[0] = from.rank;
    let end = 1;
    for (let ring = 0; ring < end && end < members.length; ) {
      const ringEnd = end;
      for (let i = ring; i < ringEnd; i++) {
        const rank = found[i]!;
        const start = this.#row(rank);
        if (start === undefined) return undefined;
        const { links } = this.#rows;
        const hop = hops[rank]!;
        const stop = start + this.#linkCount(rank, rule);
        this.#steps += stop - start + 1;
        for (let at = start; at < stop; at++) {
          const remote = links[at]!;
          if (hops[remote] !== -1 || !this.#counts(rank, remote, rule)) continue;
          hops[remote] = rank === from.rank ? remote : hop;
          found[end++] = remote;
        }
      }
      if (this.#strays) return undefined;
      sortRange(found, ringEnd, end);
      ring = ringEnd;
    }
    return { hops, found: found.subarray(0, end) };
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
    this.#forgetQuestions(rule);
    // 0: not found, 1: found, 2: not found and our neighbour.
    const marks = new Uint8Array(members.length);
    const neighbours = this.#neighbours(ours, rule);
    if (neighbours === undefined) return undefined;
    for (const rank of neighbours) marks[rank] = 2;
    let missing = neighbours.length;
    if (marks[source.rank] === 2) missing--;
    marks[source.rank] = 1;
    const found = new Int32Array(members.length);
    found[0] = source.rank;
    let end = 1;
    for (let ring = 0; ring < end; ) {
      const ringEnd = end;
      for (let i = ring; i < ringEnd; i++) {
        const rank = found[i]!;
        if (rank === ours) {
          const left = neighbours.filter((neighbour) => marks[neighbour] === 2).sort();
          return Array.from(left, (neighbour) => members[neighbour]!.name);
        }
        if (missing === 0) return [];
        const start = this.#row(rank);
        if (start === undefined) return undefined;
        const { links } = this.#rows;
        const stop = start + this.#linkCount(rank, rule);
        this.#steps += stop - start + 1;
        for (let at = start; at < stop; at++) {
          const remote = links[at]!;
          const mark = marks[remote];
          if (mark === 1 || !this.#counts(rank, remote, rule)) continue;
          if (mark === 2) missing--;
          marks[remote] = 1;
          found[end++] = remote;
        }
      }
      if (this.#strays) return undefined;
      if (missing === 0) return [];
      sortRange(found, ringEnd, end);
      ring = ringEnd;
    }
    return [];
  }

  #neighbours(rank: number, rule: LinkRule): Int32Array | undefined {
    const start = this.#row(rank);
    if (start === undefined) return undefined;
    const links = this.#rows.links.subarray(start, start + this.#linkCount(rank, rule));
    return rule === "all" ? links : links.filter((remote) => this.#counts(rank, remote, rule));
  }

  /** The number of links at the beginning of a row that the rule may let count. */
  #linkCount(rank: number, rule: LinkRule): number {
    return (rule === "all" ? this.#rows.lengths : this.#rows.establishedLengths)[rank]!;
  }

  /**
   * Whether the other end of an established connection says the same. Asked only of ends not yet found.
   *
   * The first question about a far end passes over its list, as most are asked about once: then its row need not be made. Further
   * ones, of which one end can cause many, are answered from its row, sorted.
   */
  #counts(rank: number, remote: number, rule: LinkRule): boolean {
    if (rule === "all") return true;
    const { connections } = this.#members[remote]!;
    if (!(connections instanceof GossipedConnections)) {
      return connections.get(this.#members[rank]!.name)?.established === true;
    }
    if (this.#asked[remote] !== this.#searches) {
      this.#asked[remote] = this.#searches;
      this.#steps += connections.size;
      return connections.isEstablishedTo(this.#members[rank]!);
    }
    return this.#sortedRowHas(remote, rank);
  }

  /** Begins a search, in which nobody has been asked yet. */
  #forgetQuestions(rule: LinkRule): void {
    if (rule === "all") return;
    if (this.#asked.length < this.#members.length || this.#searches === 0xffff_ffff) {
      this.#asked = new Uint32Array(this.#members.length);
      this.#searches = 0;
    }
    this.#searches++;
  }

  /** Whether the row of a far end has an established connection to a rank. */
  #sortedRowHas(remote: number, rank: number): boolean {
    const start = this.#row(remote);
    if (start === undefined) {
      this.#strays = true;
      return false;
    }
    const { links, sorted } = this.#rows;
    let low = start;
    let high = start + this.#linkCount(remote, "established");
    if (sorted[remote] === 0) {
      sortRange(links, low, high);
      sorted[remote] = 1;
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (links[middle]! < rank) low = middle + 1;
      else high = middle;
    }
    return low < start + this.#linkCount(remote, "established") && links[low] === rank;
  }

  /** Returns the start of a row, which is made if there is none. Undefined if a connection leads to no member. */
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
    forEachLink(this.#members[rank]!, (remote, established) => {
      within &&= place(remote, established);
    });
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
    const isStray = (remote: Peer): boolean => this.#members[remote.rank] !== remote;
    return this.#members.some(({ connections }) =>
      connections instanceof GossipedConnections
        ? connections.remotes.some(isStray)
        : [...connections.values()].some(({ remote }) => isStray(remote)),
    );
  }
}

/** Rings of up to this many peers are sorted without a view of their part, which takes longer than sorting them. */
const smallRing = 16;

/** Sorts the numbers from one index up to another. */
function sortRange(numbers: Int32Array, from: number, to: number): void {
  if (to - from > smallRing) {
    numbers.subarray(from, to).sort();
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const number = numbers[i]!;
    let at = i;
    for (; at > from && numbers[at - 1]! > number; at--) numbers[at] = numbers[at - 1]!;
    numbers[at] = number;
  }
}
