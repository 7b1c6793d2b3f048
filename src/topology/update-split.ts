import type * as gob from "../gob/index.ts";
import { GossipedConnections } from "./gossiped-connections.ts";
import type { LocalPeer } from "./local-peer.ts";
import type { Peer } from "./peer.ts";
import { search } from "./search.ts";
import { type ConnectionDescription, concatenate, type Piece, UpdateWriter } from "./update.ts";

/**
 * What one update may be long: the 10 MiB of a frame, less 1 KiB for tag, seal, channel, source (a name in the hash flavour is
 * 34 bytes) and the headers of the gob values.
 */
export const maxUpdateBytes = 10 * 1024 * 1024 - 1024;

/**
 * The peers in the order of a breadth-first search from us over all connections, then those that cannot be reached. Each peer
 * that can be reached stands behind one that leads to it, so that every prefix is connected.
 */
export function inSearchOrder(ourself: LocalPeer, peers: readonly Peer[]): Peer[] {
  const left = new Map(peers.map((peer) => [peer.name, peer]));
  const ordered: Peer[] = [];
  for (const name of search(ourself, "all").reached.keys()) {
    const peer = left.get(name);
    if (peer === undefined) continue;
    ordered.push(peer);
    left.delete(name);
  }
  return [...ordered, ...left.values()];
}

/** Messages of at most `maxBytes` with these peers in order; more only where a single peer takes more; an empty one for no peers. */
export function encodeInPieces(peers: Iterable<Peer>, maxBytes: number, types?: gob.TypeTable): Uint8Array[] {
  const messages: Uint8Array[] = [];
  let pieces: Piece[] = [];
  let length = 0;
  let writer = new UpdateWriter(types);
  for (const peer of peers) {
    const connections = connectionsOf(peer);
    let written = writer.write(peer, connections);
    if (pieces.length > 0 && length + lengthOf(written) > maxBytes) {
      messages.push(concatenate(pieces));
      pieces = [];
      length = 0;
      writer = new UpdateWriter(types);
      written = writer.write(peer, connections);
    }
    pieces.push(...written);
    length += lengthOf(written);
  }
  messages.push(concatenate(pieces));
  return messages;
}

function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((length, piece) => length + piece.length, 0);
}

/** The list as it came if it is kept so and still holds; else as our own records are. */
function connectionsOf({ connections }: Peer): ConnectionDescription[] | GossipedConnections {
  if (connections instanceof GossipedConnections && connections.namesHold()) return connections;
  return Array.from(connections.values(), ({ remote, remoteAddress, outbound, established }) => ({
    name: remote.name,
    nameBytes: remote.oddNameBytes,
    remoteAddress,
    outbound,
    established,
  }));
}
