import type { Flavour, PeerName } from "../peer-name.ts";
import { type Random, systemRandom } from "../transport/index.ts";
import { GossipedConnections } from "./gossiped-connections.ts";
import { type ConnectionRecord, type Peer, type PeerSummary, RemoteConnection } from "./peer.ts";
import { decodeUpdate, type PeerDescription, typesOfFirstPeer } from "./update.ts";
import { type ScannedUpdate, UpdateScanner } from "./update-scan.ts";

/** Finds the peer of a name. */
export type FindPeer = (name: PeerName) => Peer;

/** An update as Peers applies it, whichever way it was read. */
export interface ReadUpdate {
  /** What it says of peers, in its order; a peer can stand twice. */
  readonly peers: readonly PeerSummary[];
  /** All names that occur, peers themselves perhaps among them, those of connections in the order of first occurrence. */
  names(): Iterable<PeerName>;
  /** The connections of the peer that stands at this index. `find` knows all names of the update by now. */
  connections(index: number, find: FindPeer): ReadonlyMap<PeerName, ConnectionRecord>;
  /** To be called when all has been taken from it. */
  release(): void;
}

/**
 * Reads updates: by the scanner if it can, else in the plain way.
 *
 * There is one reading at a time: the scanner's result is good until `release`. What was taken from it shares nothing with the
 * update.
 */
export class UpdateReader {
  readonly #flavour: Flavour;
  readonly #scanner: UpdateScanner;

  /** `random`: what the hash table of names is seeded with; default: the system's. */
  constructor(flavour: Flavour, random: Random = systemRandom) {
    this.#flavour = flavour;
    this.#scanner = new UpdateScanner(flavour, random);
  }

  /** Throws TopologyError `malformed-update`. */
  read(update: Uint8Array): ReadUpdate {
    if (!this.#scanner.knows(update)) {
      const types = typesOfFirstPeer(update);
      if (types !== undefined) this.#scanner.learn(types);
    }
    const scanned = this.#scanner.scan(update);
    if (scanned !== undefined) return new CompactUpdate(update, scanned, this.#scanner);
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

  release(): void {}
}

class CompactUpdate implements ReadUpdate {
  readonly #bytes: Uint8Array;
  readonly #scanned: ScannedUpdate;
  readonly #scanner: UpdateScanner;
  #byNumber: Peer[] | undefined;

  constructor(bytes: Uint8Array, scanned: ScannedUpdate, scanner: UpdateScanner) {
    this.#bytes = bytes;
    this.#scanned = scanned;
    this.#scanner = scanner;
  }

  get peers(): readonly PeerSummary[] {
    return this.#scanned.peers;
  }

  names(): Iterable<PeerName> {
    return this.#scanned.names.names;
  }

  connections(index: number, find: FindPeer): ReadonlyMap<PeerName, ConnectionRecord> {
    const { peers, names, ends } = this.#scanned;
    // Each name is looked up once, however many connections lead there.
    this.#byNumber ??= names.names.map(find);
    const { first, connections, allEstablished, start, end } = peers[index]!;
    const remotes = new Array<Peer>(connections);
    for (let i = 0; i < connections; i++) remotes[i] = this.#byNumber[ends.numbers[first + i]!]!;
    const bytes = this.#bytes;
    const isLong = end - start >= longList;
    const encoded = isLong ? bytes.slice(start, end) : Buffer.prototype.latin1Slice.call(bytes, start, end);
    return new GossipedConnections(remotes, encoded, allEstablished);
  }

  release(): void {
    this.#scanner.release();
  }
}

/** From how many bytes on a list is not kept as a string. */
const longList = 4096;
