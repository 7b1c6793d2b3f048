import type { Flavour, PeerName } from "../peer-name.ts";
import { type Random, systemRandom } from "../transport/index.ts";
import { GossipedConnections } from "./gossiped-connections.ts";
import { keep } from "./list-writer.ts";
import type { ConnectionRecord, Peer, PeerSummary } from "./peer.ts";
import { type PlainUpdate, readPlainUpdate } from "./plain-update.ts";
import { hasUpdateTypes, typesOfFirstPeer, updateTypes } from "./update.ts";
import { type ScannedUpdate, UpdateScanner } from "./update-scan.ts";

/** Finds the peer of a name; must know those in the list that is asked for. */
export type FindPeer = (name: PeerName) => Peer | undefined;

/** An update as Peers applies it, whichever way it was read. */
export interface ReadUpdate {
  /** The descriptions of peers, in the order of the update; a peer can stand twice. */
  readonly peers: readonly PeerSummary[];
  /** All names that occur, in the order of first occurrence; those of peers can stand among them, too. */
  names(): readonly PeerName[];
  /** The number of the name of the peer that stands at this index: its place in `names`. */
  peerNumber(index: number): number;
  /** The numbers of the names at the far ends of its connections, each once. */
  farNumbers(index: number): Int32Array;
  /** The number of those connections. */
  farCount(index: number): number;
  /** The number of bytes that these connections take when they are kept, encoded. */
  listBytes(index: number): number;
  /** The connections of the peer that stands at this index. `find` knows their names by now. */
  connections(index: number, find: FindPeer): ReadonlyMap<PeerName, ConnectionRecord>;
  /** Must be called after the last use. */
  release(): void;
}

/**
 * Reads updates: by the scanner if it can, else in the plain way.
 *
 * There is one reading at a time: a result is valid until `release`. Values taken from it share nothing with the update.
 */
export class UpdateReader {
  readonly #flavour: Flavour;
  readonly #scanner: UpdateScanner;

  /** `random`: what the hash table of names is seeded with; default: the system's. */
  constructor(flavour: Flavour, random: Random = systemRandom) {
    this.#flavour = flavour;
    this.#scanner = new UpdateScanner(flavour, random);
    this.#scanner.learn(updateTypes());
  }

  /** Throws TopologyError `malformed-update`. */
  read(update: Uint8Array): ReadUpdate {
    if (!this.#scanner.knows(update)) {
      const types = typesOfFirstPeer(update);
      if (types !== undefined) this.#scanner.learn(types);
    }
    const scanned = this.#scanner.scan(update);
    if (scanned !== undefined) return new CompactUpdate(update, scanned, this.#scanner);
    const plain = readPlainUpdate(update, this.#flavour);
    // A first peer can be too long to be read twice.
    if (hasUpdateTypes(plain.types)) this.#scanner.learn(plain.types);
    return new WrittenUpdate(plain);
  }
}

/** Far ends by number: each name is looked up once, however many connections lead there. */
class FarPeers {
  #peers: (Peer | undefined)[] | undefined;

  /** The peers of some of the numbers: `count` of them from index `first`. */
  of(numbers: Int32Array, first: number, count: number, names: readonly PeerName[], find: FindPeer): Peer[] {
    this.#peers ??= names.map(find);
    const peers = new Array<Peer>(count);
    for (let i = 0; i < count; i++) peers[i] = this.#peers[numbers[first + i]!]!;
    return peers;
  }
}

class WrittenUpdate implements ReadUpdate {
  readonly #update: PlainUpdate;
  readonly #far = new FarPeers();

  constructor(update: PlainUpdate) {
    this.#update = update;
  }

  get peers(): readonly PeerSummary[] {
    return this.#update.peers;
  }

  names(): readonly PeerName[] {
    return this.#update.names;
  }

  peerNumber(index: number): number {
    return this.#update.numbers[index]!;
  }

  farNumbers(index: number): Int32Array {
    return this.#update.lists[index]!.numbers;
  }

  farCount(index: number): number {
    return this.#update.lists[index]!.numbers.length;
  }

  listBytes(index: number): number {
    return this.#update.lists[index]!.encoded.length;
  }

  connections(index: number, find: FindPeer): ReadonlyMap<PeerName, ConnectionRecord> {
    const { numbers, encoded, allEstablished } = this.#update.lists[index]!;
    if (numbers.length === 0) return noConnections;
    const remotes = this.#far.of(numbers, 0, numbers.length, this.#update.names, find);
    return new GossipedConnections(remotes, encoded, allEstablished);
  }

  release(): void {}
}

/** The list of a peer without connections. */
const noConnections = new GossipedConnections([], "", true);

class CompactUpdate implements ReadUpdate {
  readonly #bytes: Uint8Array;
  readonly #scanned: ScannedUpdate;
  readonly #scanner: UpdateScanner;
  readonly #far = new FarPeers();

  constructor(bytes: Uint8Array, scanned: ScannedUpdate, scanner: UpdateScanner) {
    this.#bytes = bytes;
    this.#scanned = scanned;
    this.#scanner = scanner;
  }

  get peers(): readonly PeerSummary[] {
    return this.#scanned.peers;
  }

  names(): readonly PeerName[] {
    return this.#scanned.names.names;
  }

  peerNumber(index: number): number {
    return this.#scanned.peers[index]!.number;
  }

  farNumbers(index: number): Int32Array {
    const { first, connections } = this.#scanned.peers[index]!;
    return this.#scanned.ends.numbers.subarray(first, first + connections);
  }

  farCount(index: number): number {
    return this.#scanned.peers[index]!.connections;
  }

  listBytes(index: number): number {
    const { start, end } = this.#scanned.peers[index]!;
    return end - start;
  }

  connections(index: number, find: FindPeer): ReadonlyMap<PeerName, ConnectionRecord> {
    const { peers, names, ends } = this.#scanned;
    const { first, connections, allEstablished, start, end } = peers[index]!;
    if (connections === 0) return noConnections;
    const remotes = this.#far.of(ends.numbers, first, connections, names.names, find);
    return new GossipedConnections(remotes, keep(this.#bytes, start, end), allEstablished);
  }

  release(): void {
    this.#scanner.release();
  }
}
