import type * as gob from "../gob/index.ts";
import { GossipedConnections } from "./gossiped-connections.ts";
import type { PeerGraph } from "./graph.ts";
import type { Peer } from "./peer.ts";
import { type ConnectionDescription, concatenate, type Piece, UpdateWriter } from "./update.ts";

/**
 * The greatest length of one update, in bytes: the 10 MiB of a frame, less 1 KiB for tag, seal, channel, source (a name in the hash
 * flavour is 34 bytes) and the headers of the gob values.
 */
export const maxUpdateBytes = 10 * 1024 * 1024 - 1024;

/**
 * Puts peers in the order of a breadth-first search from us over all connections; those that cannot be reached come last. Each
 * peer that can be reached stands behind one that leads to it, so that every prefix is connected.
 */
export function inSearchOrder(graph: PeerGraph, peers: readonly Peer[]): Peer[] {
  const left = new Set(peers);
  const ordered = graph.searchOrder().filter((peer) => left.delete(peer));
  return [...ordered, ...left];
}

/** Returns one message with these peers in order, or undefined if it would be longer than `maxBytes`. */
export function encodeWhole(
  peers: Iterable<Peer>,
  maxBytes: number,
  types?: gob.TypeTable,
): Uint8Array | undefined {
  const writer = new UpdateWriter(types);
  const pieces: Piece[] = [];
  let length = 0;
  for (const peer of peers) {
    const written = writer.write(peer, connectionsOf(peer));
    length += lengthOf(written);
    if (length > maxBytes) return undefined;
    pieces.push(...written);
  }
  return concatenate(pieces);
}

/**
 * Returns a message of at most `maxBytes` with as many of these peers as it holds, from the first on, and their number. A peer that
 * takes more has a message to itself.
 */
export function encodeStart(
  peers: readonly Peer[],
  maxBytes: number,
  types?: gob.TypeTable,
  from = 0,
): { message: Uint8Array; count: number } {
  const writer = new UpdateWriter(types);
  const pieces: Piece[] = [];
  let length = 0;
  let end = from;
  for (; end < peers.length; end++) {
    const peer = peers[end]!;
    const written = writer.write(peer, connectionsOf(peer));
    length += lengthOf(written);
    if (length > maxBytes && end > from) break;
    pieces.push(...written);
  }
  return { message: concatenate(pieces), count: end - from };
}

/** Returns messages of at most `maxBytes` with these peers in order; see {@link encodeStart}. */
export function encodeInPieces(
  peers: readonly Peer[],
  maxBytes: number,
  types?: gob.TypeTable,
): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let from = 0; from < peers.length; ) {
    const { message, count } = encodeStart(peers, maxBytes, types, from);
    messages.push(message);
    from += count;
  }
  return messages;
}

function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((length, piece) => length + piece.length, 0);
}

/** Returns the list as it came, if it is kept so and names all peers by their own bytes; else its records. */
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
