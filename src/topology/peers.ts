import type * as gob from "../gob/index.ts";
import type { Flavour, PeerName } from "../peer-name.ts";
import type { Random } from "../transport/index.ts";
import { admit } from "./admission.ts";
import { PeerGraph } from "./graph.ts";
import { type RefusedDescriptions, type TopologyLimits, TopologySize } from "./limits.ts";
import type { LocalPeer } from "./local-peer.ts";
import { isNews, Peer, type PeerSummary } from "./peer.ts";
import { ShortIds } from "./short-ids.ts";
import { updateTypes } from "./update.ts";
import { type ReadUpdate, UpdateReader } from "./update-reader.ts";
import { encodeInPieces, encodeStart, encodeWhole, inSearchOrder, maxUpdateBytes } from "./update-split.ts";

/** Called when the peers have changed, after the change is complete. A handler may call methods of Peers. */
export interface PeersHandlers {
  /** A peer became known, by a connection or by an update, perhaps as a placeholder. Never ourselves. */
  added?(peer: Peer): void;
  /** A peer was collected: nothing led to it any more. */
  removed?(peer: Peer): void;
  /** A short ID stands for another peer than it did before; comes at most once for each change. */
  shortIdsInvalidated?(): void;
  /** Our own record has changed and is to be announced. */
  localPeerChanged?(): void;
  /** Descriptions of an update were ignored. */
  refused?(descriptions: RefusedDescriptions): void;
}

export interface PeersOptions {
  random: Random;
  flavour: Flavour;
  /**
   * Seeds the hash table of the names in an update. It is not `random`, so that the table does not change the other draws of a seeded
   * run. Default: the system's.
   */
  hashRandom?: Random | undefined;
  /** The gob type ids of the updates we send; default 66 for a peer, 67 for a connection, 68 for a list of connections. */
  types?: gob.TypeTable | undefined;
  /** Bounds on what updates add. Default: none, as in the original. */
  limits?: TopologyLimits | undefined;
  on?: PeersHandlers;
}

/** The effect of an update, as sets of names in the order of the update. */
export interface AppliedUpdate {
  /** All peers that the update described, new to us or not. A relayed broadcast describes these. */
  described: Set<PeerName>;
  /** The peers of which it brought something new. Relayed gossip describes these. */
  changed: Set<PeerName>;
}

/** Notifications that are due once a change is complete. Source: peers.go, `peersPendingNotifications`. */
interface Pending {
  readonly added: Peer[];
  readonly removed: Peer[];
  shortIdsInvalidated: boolean;
  reassignLocalShortId: boolean;
  localPeerChanged: boolean;
}

/**
 * All peers we know of, ourselves among them.
 *
 * Pure state: the caller collects garbage 1 s after an update (and at once when one of our connections has ended), recalculates
 * routes, and announces. Source: peers.go, `Peers`.
 */
export class Peers implements Iterable<Peer> {
  readonly ourself: LocalPeer;
  readonly flavour: Flavour;
  /** For the searches of Routes. */
  readonly graph: PeerGraph;
  /** The size of all peers but ourselves. */
  readonly kept = new TopologySize();
  readonly #random: Random;
  readonly #types: gob.TypeTable;
  readonly #reader: UpdateReader;
  readonly #on: PeersHandlers;
  readonly #limits: TopologyLimits | undefined;
  readonly #byName = new Map<PeerName, Peer>();
  readonly #shortIds = new ShortIds();

  constructor(ourself: LocalPeer, options: PeersOptions) {
    this.ourself = ourself;
    this.flavour = options.flavour;
    this.graph = new PeerGraph(ourself);
    this.#random = options.random;
    this.#types = options.types ?? updateTypes();
    this.#reader = new UpdateReader(options.flavour, options.hashRandom);
    this.#on = options.on ?? {};
    this.#limits = options.limits;
    this.fetchWithDefault(ourself);
  }

  /** The number of known peers, ourselves included. */
  get size(): number {
    return this.#byName.size;
  }

  [Symbol.iterator](): IterableIterator<Peer> {
    return this.#byName.values();
  }

  /** A set of its own with all names. */
  names(): Set<PeerName> {
    return new Set(this.#byName.keys());
  }

  get(name: PeerName): Peer | undefined {
    return this.#byName.get(name);
  }

  /** The peer that a short ID stands for: of several that claim it the one with the lowest name. */
  byShortId(shortId: number): Peer | undefined {
    return this.#shortIds.owner(shortId);
  }

  /**
   * The known peer of this name, or else the given one, which is added. A known peer stays as it is. The result is referenced
   * until `dereference`.
   */
  fetchWithDefault(peer: Peer): Peer {
    const known = this.fetchAndAddRef(peer.name);
    if (known !== undefined) return known;
    const pending = nothingPending();
    this.#add(peer, pending);
    peer.localRefCount++;
    this.#finish(pending);
    return peer;
  }

  /** The known peer of this name, referenced until `dereference`. */
  fetchAndAddRef(name: PeerName): Peer | undefined {
    const peer = this.#byName.get(name);
    if (peer !== undefined) peer.localRefCount++;
    return peer;
  }

  /** Gives up a reference from `fetchWithDefault` or `fetchAndAddRef`. The peer stays until the next collection at least. */
  dereference(peer: Peer): void {
    peer.localRefCount--;
  }

  /**
   * Applies a topology update: adds peers unknown to us, and replaces those of which the update knows a newer version.
   *
   * Peers that are named only as far ends of connections become placeholders. News of ourselves from another run makes our own
   * version higher than it, which is announced; our own words that come back are ignored. So are descriptions beyond the
   * limits: see {@link admit}.
   *
   * Throws TopologyError `malformed-update`; nothing is applied then. Source: peers.go, `applyUpdate`.
   */
  applyUpdate(update: Uint8Array): AppliedUpdate {
    const pending = nothingPending();
    const { update: read, refused } = admit(this.#reader.read(update), this, this.#limits);
    const added = this.#addUnknown(read, pending);
    const changed = new Set<PeerName>();
    for (let i = 0; i < read.peers.length; i++) {
      if (this.#applyDescription(read, i, added, pending)) changed.add(read.peers[i]!.name);
    }
    const described = new Set<PeerName>();
    for (const { name } of read.peers) described.add(name);
    read.release();
    this.#finish(pending);
    if (refused !== undefined) this.#on.refused?.(refused);
    return { described, changed };
  }

  /**
   * One message that describes these peers, in this order; names of peers no longer known are left out.
   * Source: peers.go, `encodePeers`.
   */
  encode(names: Iterable<PeerName>): Uint8Array {
    return encodeWhole(this.#known(names), Number.POSITIVE_INFINITY, this.#types)!;
  }

  /**
   * As `encode`, but in several messages where one would be longer than `maxBytes` (default: what fits one frame). Then the peers
   * stand in the order of a breadth-first search from us, so that what has arrived at any time is connected, and nobody
   * collects a part of it as unreachable. A peer whose own description is too long has a message to itself.
   */
  encodeMessages(names: Iterable<PeerName>, maxBytes: number = maxUpdateBytes): Uint8Array[] {
    const known = this.#known(names);
    const whole = encodeWhole(known, maxBytes, this.#types);
    if (whole !== undefined) return [whole];
    return encodeInPieces(inSearchOrder(this.graph, known), maxBytes, this.#types);
  }

  /**
   * The first of the messages of `encodeMessages`, and the names of the peers that the others describe, in their order. Costs
   * no more than one message, or two where several are needed.
   */
  encodeFirst(
    names: Iterable<PeerName>,
    maxBytes: number = maxUpdateBytes,
  ): { message: Uint8Array; rest: PeerName[] } {
    const known = this.#known(names);
    const whole = encodeWhole(known, maxBytes, this.#types);
    if (whole !== undefined) return { message: whole, rest: [] };
    const ordered = inSearchOrder(this.graph, known);
    const { message, count } = encodeStart(ordered, maxBytes, this.#types);
    return { message, rest: ordered.slice(count).map(({ name }) => name) };
  }

  /** Forgets the peers that cannot be reached from us over any connections and that no connection of ours refers to. */
  garbageCollect(): void {
    const pending = nothingPending();
    const isReached = this.graph.reachability();
    let unreachedStay = false;
    for (const peer of this.#byName.values()) {
      if (isReached(peer)) continue;
      if (peer.localRefCount === 0) pending.removed.push(peer);
      else unreachedStay = true;
    }
    for (const peer of pending.removed) {
      this.#byName.delete(peer.name);
      this.kept.count(peer, -1);
      this.graph.remove(peer, unreachedStay);
      this.#releaseShortId(peer, pending);
    }
    // If another has the short ID that was ours, one may be free now.
    pending.reassignLocalShortId =
      pending.removed.length > 0 && this.byShortId(this.ourself.shortId) !== this.ourself;
    this.#finish(pending);
  }

  #known(names: Iterable<PeerName>): Peer[] {
    const known: Peer[] = [];
    for (const name of names) {
      const peer = this.#byName.get(name);
      if (peer !== undefined) known.push(peer);
    }
    return known;
  }

  #add(peer: Peer, pending: Pending): void {
    this.#byName.set(peer.name, peer);
    this.graph.add(peer);
    if (peer !== this.ourself) {
      pending.added.push(peer);
      this.kept.count(peer);
    }
    this.#claimShortId(peer, pending);
  }

  /**
   * Adds a peer for each description of one that is new, then placeholders for the names that nobody describes. If an update
   * describes a new peer twice, the last one is added. Returns the descriptions that peers were made of.
   */
  #addUnknown(read: ReadUpdate, pending: Pending): ReadonlyMap<PeerName, PeerSummary> {
    const unknown = new Map<PeerName, PeerSummary>();
    for (const init of read.peers) if (!this.#byName.has(init.name)) unknown.set(init.name, init);
    for (const init of unknown.values()) this.#add(new Peer(init), pending);
    for (const name of read.names()) if (!this.#byName.has(name)) this.#add(new Peer({ name }), pending);
    return unknown;
  }

  /** Takes over one description if it is news; returns whether it was. Source: peers.go, `applyDecodedUpdate`. */
  #applyDescription(
    read: ReadUpdate,
    index: number,
    added: ReadonlyMap<PeerName, PeerSummary>,
    pending: Pending,
  ): boolean {
    const described = read.peers[index]!;
    const known = this.#byName.get(described.name)!;
    if (known === this.ourself) {
      if (described.uid !== known.uid && this.#canExceed(described.version)) {
        if (this.ourself.setVersionBeyond(described.version)) pending.localPeerChanged = true;
      }
      return false;
    }
    const isNew = added.get(described.name) === described;
    if (!isNew && !isNews(described, known)) return false;
    this.kept.countContents(known, -1);
    if (!isNew) {
      known.version = described.version;
      known.uid = described.uid;
      known.nickName = described.nickName;
      if (described.shortId !== known.shortId || described.hasShortId !== known.hasShortId) {
        this.#releaseShortId(known, pending);
        known.shortId = described.shortId;
        known.hasShortId = described.hasShortId;
        this.#claimShortId(known, pending);
      }
    }
    known.connections = read.connections(index, (name) => this.#byName.get(name));
    this.kept.countContents(known);
    this.graph.connectionsChanged(known);
    return true;
  }

  /**
   * Whether others would accept a version of ours beyond this one. If not, it is a forgery, and we keep our version. The original
   * goes on to the highest version and then to 0, from which all that it announces is ignored.
   */
  #canExceed(version: bigint): boolean {
    return this.#limits === undefined || version < this.#limits.version;
  }

  #claimShortId(peer: Peer, pending: Pending): void {
    if (!peer.hasShortId) return;
    const { invalidated, displaced } = this.#shortIds.add(peer);
    if (invalidated) pending.shortIdsInvalidated = true;
    if (displaced === this.ourself) pending.reassignLocalShortId = true;
  }

  #releaseShortId(peer: Peer, pending: Pending): void {
    if (peer.hasShortId && this.#shortIds.delete(peer)) pending.shortIdsInvalidated = true;
  }

  /** Gives us a short ID that nobody has; with none free, the next collection that removes a peer tries again. */
  #reassignLocalShortId(pending: Pending): void {
    const shortId = this.#shortIds.choose(this.#random);
    if (shortId === undefined) return;
    this.#releaseShortId(this.ourself, pending);
    this.ourself.setShortId(shortId);
    this.#claimShortId(this.ourself, pending);
    pending.localPeerChanged = true;
  }

  /** Ends a change and calls the handlers, in a fixed order. Source: peers.go, `unlockAndNotify`. */
  #finish(pending: Pending): void {
    if (pending.reassignLocalShortId) this.#reassignLocalShortId(pending);
    for (const peer of pending.added) this.#on.added?.(peer);
    for (const peer of pending.removed) this.#on.removed?.(peer);
    if (pending.shortIdsInvalidated) this.#on.shortIdsInvalidated?.();
    if (pending.localPeerChanged) this.#on.localPeerChanged?.();
  }
}

function nothingPending(): Pending {
  return {
    added: [],
    removed: [],
    shortIdsInvalidated: false,
    reassignLocalShortId: false,
    localPeerChanged: false,
  };
}
