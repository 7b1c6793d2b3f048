import { PeerName } from "../peer-name.ts";
import { GossipedConnections } from "./gossiped-connections.ts";
import type { Peer } from "./peer.ts";

/** Which connections count: all, or only those that are established and described by both ends. */
export type LinkRule = "all" | "established";

/** The result of a search from a peer. */
export interface SearchResult {
  /** Each peer found, in the order of finding, with the first hop on the way to it; the unknown name for the start itself. */
  readonly reached: Map<PeerName, PeerName>;
  /** Whether it came to be the turn of the peer that ends the search. */
  readonly arrived: boolean;
  /** The number of peers and connections visited. */
  readonly steps: number;
}

/**
 * Searches breadth first, each ring in the order of names, so that all peers with the same knowledge compute the same.
 *
 * With `stopAt` the search ends when it is the *turn* of that peer in its ring, which is later than when it is first found.
 * This is the plain form, which follows each connection to the very peer it refers to. PeerGraph has the fast one.
 *
 * Source: peer.go, `Peer.routes` and `forEachConnectedPeer`.
 */
export function search(from: Peer, rule: LinkRule, stopAt?: Peer): SearchResult {
  const unknown = PeerName.unknown(PeerName.flavourOf(from.name));
  const reached = new Map<PeerName, PeerName>([[from.name, unknown]]);
  const ends = new EstablishedEnds();
  let ring = [from];
  let steps = 0;
  while (ring.length > 0) {
    ring.sort((a, b) => PeerName.compare(a.name, b.name));
    const nextRing: Peer[] = [];
    for (const peer of ring) {
      if (peer === stopAt) return { reached, arrived: true, steps };
      steps += peer.connections.size + 1;
      forEachLink(peer, (remote, established) => {
        // Found ones first, as that is the cheaper question.
        if (reached.has(remote.name)) return;
        if (rule === "established" && !(established && ends.has(remote, peer))) return;
        nextRing.push(remote);
        reached.set(remote.name, peer === from ? remote.name : reached.get(peer.name)!);
      });
    }
    ring = nextRing;
  }
  return { reached, arrived: false, steps };
}

/** Returns the peers at the far ends of those connections of a peer that count. */
export function linkedPeers(peer: Peer, rule: LinkRule): Peer[] {
  const ends = new EstablishedEnds();
  const linked: Peer[] = [];
  forEachLink(peer, (remote, established) => {
    if (rule === "all" || (established && ends.has(remote, peer))) linked.push(remote);
  });
  return linked;
}

/** Calls back with the far end of each connection of a peer and whether it is established. Makes no records. */
export function forEachLink(peer: Peer, callback: (remote: Peer, established: boolean) => void): void {
  const { connections } = peer;
  if (connections instanceof GossipedConnections) connections.forEachLink(callback);
  else for (const { remote, established } of connections.values()) callback(remote, established);
}

/**
 * The established connections of peers, for one search, during which they do not change.
 *
 * The first question about a peer passes over its list, as most peers are asked about once. The second one makes a set of it, so that a
 * peer with many connections can be asked about as often.
 */
class EstablishedEnds {
  readonly #asked = new Map<Peer, ReadonlySet<PeerName> | undefined>();

  /** Whether `peer` has an established connection to a peer named as `to` is. */
  has(peer: Peer, to: Peer): boolean {
    const { connections } = peer;
    if (!(connections instanceof GossipedConnections)) return connections.get(to.name)?.established === true;
    let ends = this.#asked.get(peer);
    if (ends === undefined) {
      if (!this.#asked.has(peer)) {
        this.#asked.set(peer, undefined);
        return connections.get(to.name)?.established === true;
      }
      ends = establishedNames(connections);
      this.#asked.set(peer, ends);
    }
    return ends.has(to.name);
  }
}

function establishedNames(connections: GossipedConnections): Set<PeerName> {
  const names = new Set<PeerName>();
  connections.forEachLink((remote, established) => {
    if (established) names.add(remote.name);
  });
  return names;
}
