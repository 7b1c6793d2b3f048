import { PeerName } from "../peer-name.ts";
import type { Peer } from "./peer.ts";

/** Which connections count: all, or only those that are established and that both ends tell of. */
export type LinkRule = "all" | "established";

/** What a search from a peer found. */
export interface SearchResult {
  /** Each peer found, in the order of finding, with the first hop on the way to it; the unknown name for the start itself. */
  readonly reached: Map<PeerName, PeerName>;
  /** Whether it came to be the turn of the peer that ends the search. */
  readonly arrived: boolean;
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
  let ring = [from];
  while (ring.length > 0) {
    ring.sort((a, b) => PeerName.compare(a.name, b.name));
    const nextRing: Peer[] = [];
    for (const peer of ring) {
      if (peer === stopAt) return { reached, arrived: true };
      for (const remote of linkedPeers(peer, rule)) {
        if (reached.has(remote.name)) continue;
        nextRing.push(remote);
        reached.set(remote.name, peer === from ? remote.name : reached.get(peer.name)!);
      }
    }
    ring = nextRing;
  }
  return { reached, arrived: false };
}

/** The peers at the far ends of those connections of a peer that count. */
export function* linkedPeers(peer: Peer, rule: LinkRule): Generator<Peer> {
  for (const { remote, established } of peer.connections.values()) {
    if (rule === "all" || (established && remote.connections.get(peer.name)?.established)) yield remote;
  }
}
