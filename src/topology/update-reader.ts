import type { Flavour, PeerName } from "../peer-name.ts";
import { GossipedConnections } from "./gossiped-connections.ts";
import { type ConnectionRecord, type Peer, type PeerInit, RemoteConnection } from "./peer.ts";
import { decodeUpdate, type PeerDescription, typesOfFirstPeer } from "./update.ts";
import { type ScannedUpdate, UpdateScanner } from "./update-scan.ts";

/** Finds the peer of a name. */
export type FindPeer = (name: PeerName) => Peer;

/** An update as Peers applies it, whichever way it was read. */
export interface ReadUpdate {
  /** What it says of peers, in its order; a peer can stand twice. */
  readonly peers: readonly PeerInit[];
  /** All names that occur, peers themselves perhaps among them, those of connections in the order of first occurrence. */
  names(): Iterable<PeerName>;
  /** The connections of the peer that stands at this index. `find` knows all names of the update by now. */
  connections(index: number, find: FindPeer): ReadonlyMap<PeerName, ConnectionRecord>;
}

/**
 * Reads updates: by the scanner if it can, else in the plain way.
 *
 * The scanner's result shares nothing with the update once `connections` has been asked for.
 */
export class UpdateReader {
  readonly #flavour: Flavour;
  readonly #scanner: UpdateScanner;

  constructor(flavour: Flavour) {
    this.#flavour = flavour;
    this.#scanner = new UpdateScanner(flavour);
  }

  /** Throws TopologyError `malformed-update`. */
  read(update: Uint8Array): ReadUpdate {
    if (!this.#scanner.knows(update)) {
      const types = typesOfFirstPeer(update);
      if (types !== undefined) this.#scanner.learn(types);
    }
    const scanned = this.#scanner.scan(update);
    if (scanned !== undefined) return new CompactUpdate(update, scanned);
    return new PlainUpdate(decodeUpdate(update, this.#flavour).peers);
  }
}

class PlainUpdate implements ReadUpdate {
  readonly peers: readonly PeerDescription[];

  constructor(peers: readonly PeerDescription[]) {
    this.peers = peers;
  }

  *names(): Iterable<PeerName> {
    for (const { connections } of this.peers) for (const { name } of connections) yield name;
  }

  connections(index: number, find: FindPeer): ReadonlyMap<PeerName, ConnectionRecord> {
    const connections = new Map<PeerName, ConnectionRecord>();
    for (const { name, remoteAddress, outbound, established } of this.peers[index]!.connections) {
      connections.set(name, new RemoteConnection(find(name), remoteAddress, outbound, established));
    }
    return connections;
  }
}

class CompactUpdate implements ReadUpdate {
  readonly #bytes: Uint8Array;
  readonly #scanned: ScannedUpdate;
  #byNumber: Peer[] | undefined;

  constructor(bytes: Uint8Array, scanned: ScannedUpdate) {
    this.#bytes = bytes;
    this.#scanned = scanned;
  }

  get peers(): readonly PeerInit[] {
    return this.#scanned.peers;
  }

  names(): Iterable<PeerName> {
    return this.#scanned.names.names;
  }

  connections(index: number, find: FindPeer): ReadonlyMap<PeerName, ConnectionRecord> {
    const { names } = this.#scanned;
    // Each name is looked up once, however many connections lead there.
    this.#byNumber ??= names.names.map(find);
    const { remotes, flags, start, end } = this.#scanned.peers[index]!;
    const peers: Peer[] = [];
    for (const number of remotes) peers.push(this.#byNumber[number]!);
    return new GossipedConnections(peers, flags, this.#bytes.slice(start, end), names.width);
  }
}
