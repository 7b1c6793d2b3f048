import { GossipedConnections } from "./gossiped-connections.ts";
import type { Peer } from "./peer.ts";

/** Bounds on what updates add to the mesh, ourselves not counted. */
export interface TopologyLimits {
  /** Peers, placeholders included. */
  readonly peers: number;
  /** Connections of all peers. */
  readonly connections: number;
  /** Bytes that peers and connections take: names, nicknames, addresses and a fixed share for each. */
  readonly bytes: number;
  /**
   * The highest version that a description of a peer may have. It must be below the highest number of 64 bits: nothing could ever
   * be newer than a record at that version, so a false one would stay for good.
   */
  readonly version: bigint;
}

/**
 * The limits of a router: 65,536 peers, 4,194,304 connections and 96 MiB, which is more than 1,400 fully connected
 * peers take. Resident memory grows by less than twice as much. Go peers can hold no larger
 * mesh: the full topology of 600 fully connected peers fills the 10 MiB of a frame, and short IDs are for 4,096 peers.
 */
export const topologyLimits: TopologyLimits = {
  peers: 65_536,
  connections: 4 * 1024 * 1024,
  bytes: 96 * 1024 * 1024,
  version: 2n ** 64n - 2n,
};

/** The number of descriptions of an update that were ignored, by reason. */
export interface RefusedDescriptions {
  /** Beyond the limits of peers, connections or bytes. */
  readonly beyondLimits: number;
  /** Above the highest version. */
  readonly aboveVersion: number;
}

/** Bytes of a peer besides its texts: the object, its name's string, and its places in tables and searches. */
const peerBytes = 512;
/** Bytes of a list besides its contents. */
const listBytes = 64;
/** Bytes of a connection besides its encoded form: a reference to its far end and its places in searches. */
const connectionBytes = 14;

/** The size of peers and connections, in the units of {@link TopologyLimits}. */
export class TopologySize {
  peers = 0;
  connections = 0;
  bytes = 0;

  /** A copy. */
  clone(): TopologySize {
    const copy = new TopologySize();
    copy.peers = this.peers;
    copy.connections = this.connections;
    copy.bytes = this.bytes;
    return copy;
  }

  /** Counts a peer with all that is known of it; with `times` -1 no longer. */
  count(peer: Peer, times: 1 | -1 = 1): void {
    this.countPlaceholder(peer.name, times);
    this.countContents(peer, times);
  }

  /** Counts a peer of which only the name is known. */
  countPlaceholder(name: string, times: 1 | -1 = 1): void {
    this.peers += times;
    this.bytes += times * (peerBytes + 2 * name.length);
  }

  /** Counts what is known of a peer besides its name. */
  countContents({ nickName, oddNameBytes, connections }: Peer, times: 1 | -1 = 1): void {
    this.countTexts(nickName, oddNameBytes, times);
    if (connections instanceof GossipedConnections) {
      this.countList(connections.size, connections.encoded.length, times);
    }
  }

  /** Counts a nickname, with up to two bytes for each character, and the bytes of an unusual name. */
  countTexts(nickName: string, nameBytes: Uint8Array | undefined, times: 1 | -1 = 1): void {
    this.bytes += times * (2 * nickName.length + (nameBytes?.length ?? 0));
  }

  /** Counts a list of connections of so many encoded bytes. An empty one takes nothing. */
  countList(connections: number, encoded: number, times: 1 | -1 = 1): void {
    if (connections === 0) return;
    this.connections += times * connections;
    this.bytes += times * (listBytes + encoded + connectionBytes * connections);
  }

  /** Whether this is within the limits. */
  fits(limits: TopologyLimits): boolean {
    return this.peers <= limits.peers && this.connections <= limits.connections && this.bytes <= limits.bytes;
  }

  /** Whether nothing of this is more than in the other. */
  isAtMost(other: TopologySize): boolean {
    return this.peers <= other.peers && this.connections <= other.connections && this.bytes <= other.bytes;
  }
}
