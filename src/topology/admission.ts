import type { PeerName } from "../peer-name.ts";
import type { RefusedDescriptions, TopologyLimits, TopologySize } from "./limits.ts";
import { type ConnectionRecord, isNews, type Peer, type PeerSummary } from "./peer.ts";
import type { FindPeer, ReadUpdate } from "./update-reader.ts";

/** The result of checking an update against the limits. */
export interface Admission {
  /** The descriptions that are applied, in their order. */
  readonly update: ReadUpdate;
  /** Undefined if no description is refused. */
  readonly refused: RefusedDescriptions | undefined;
}

/** The topology before an update. */
export interface KnownTopology {
  readonly ourself: Peer;
  /** The size of all peers but ourselves. */
  readonly kept: TopologySize;
  get(name: PeerName): Peer | undefined;
}

/**
 * Decides which descriptions of an update are applied. A description is refused if its version is above the highest one, or if what it
 * adds to the mesh, its placeholders included, would go beyond the limits. Refused descriptions are as if they were not in
 * the update: they are not relayed either, and their far ends become no placeholders.
 */
export function admit(
  update: ReadUpdate,
  topology: KnownTopology,
  limits: TopologyLimits | undefined,
): Admission {
  const whole = { update, refused: undefined };
  if (limits === undefined || isHarmless(update, topology.kept, limits)) return whole;
  const budget = new Budget(update, topology, limits);
  const admitted: number[] = [];
  let beyondLimits = 0;
  let aboveVersion = 0;
  for (const [index, described] of update.peers.entries()) {
    if (described.version > limits.version) aboveVersion++;
    else if (budget.take(index)) admitted.push(index);
    else beyondLimits++;
  }
  if (beyondLimits + aboveVersion === 0) return whole;
  return { update: new PartialUpdate(update, admitted), refused: { beyondLimits, aboveVersion } };
}

/** Some descriptions of an update. */
class PartialUpdate implements ReadUpdate {
  readonly peers: readonly PeerSummary[];
  readonly #update: ReadUpdate;
  readonly #indices: readonly number[];

  constructor(update: ReadUpdate, indices: readonly number[]) {
    this.peers = indices.map((index) => update.peers[index]!);
    this.#update = update;
    this.#indices = indices;
  }

  names(): readonly PeerName[] {
    const names = this.#update.names();
    const numbers = new Set<number>();
    for (let index = 0; index < this.peers.length; index++) {
      numbers.add(this.peerNumber(index));
      for (const number of this.farNumbers(index)) numbers.add(number);
    }
    return Array.from(numbers, (number) => names[number]!);
  }

  peerNumber(index: number): number {
    return this.#update.peerNumber(this.#indices[index]!);
  }

  farNumbers(index: number): Int32Array {
    return this.#update.farNumbers(this.#indices[index]!);
  }

  farCount(index: number): number {
    return this.#update.farCount(this.#indices[index]!);
  }

  listBytes(index: number): number {
    return this.#update.listBytes(this.#indices[index]!);
  }

  connections(index: number, find: FindPeer): ReadonlyMap<PeerName, ConnectionRecord> {
    return this.#update.connections(this.#indices[index]!, find);
  }

  release(): void {
    this.#update.release();
  }
}

/** Whether all of an update fits even if all of it were new and nothing were replaced, and no version is refused. */
function isHarmless(update: ReadUpdate, size: TopologySize, limits: TopologyLimits): boolean {
  const most = size.clone();
  const { peers } = update;
  for (let index = 0; index < peers.length; index++) {
    if (peers[index]!.version > limits.version) return false;
    countDescription(most, update, index, 1);
  }
  for (const name of update.names()) most.countPlaceholder(name);
  return most.fits(limits);
}

/** Whether a name of an update is that of a known peer. */
const unasked = 0;
const known = 1;
const unknown = 2;

/** Takes descriptions as long as there is space, in the order of the update. */
class Budget {
  readonly #update: ReadUpdate;
  readonly #topology: KnownTopology;
  readonly #limits: TopologyLimits;
  #size: TopologySize;
  /** By the number of a name. Names that descriptions taken so far add are known. */
  readonly #known: Uint8Array;
  /** The description taken last of each peer, by its index. */
  readonly #taken = new Map<PeerName, number>();

  constructor(update: ReadUpdate, topology: KnownTopology, limits: TopologyLimits) {
    this.#update = update;
    this.#topology = topology;
    this.#limits = limits;
    this.#size = topology.kept.clone();
    this.#known = new Uint8Array(update.names().length);
  }

  /** Counts a description if it fits; returns whether it does. */
  take(index: number): boolean {
    const described = this.#update.peers[index]!;
    const peer = this.#topology.get(described.name);
    const last = this.#taken.get(described.name);
    const replaces = peer === undefined || last !== undefined || isNews(described, peer);
    const isCounted = replaces && peer !== this.#topology.ourself;
    const size = this.#size.clone();
    const added = this.#addNames(index, size);
    if (isCounted) {
      if (last !== undefined) countDescription(size, this.#update, last, -1);
      else if (peer !== undefined) size.countContents(peer, -1);
      countDescription(size, this.#update, index, 1);
    }
    // What makes nothing more is always taken: a description that is known, or of a peer that has lost connections.
    if (!size.fits(this.#limits) && !(added.length === 0 && size.isAtMost(this.#size))) {
      for (const number of added) this.#known[number] = unknown;
      return false;
    }
    if (isCounted) this.#taken.set(described.name, index);
    this.#size = size;
    return true;
  }

  /** Adds the names that a description adds, until they do not fit; returns their numbers. */
  #addNames(index: number, size: TopologySize): number[] {
    const added: number[] = [];
    this.#addName(this.#update.peerNumber(index), added, size);
    for (const number of this.#update.farNumbers(index)) {
      if (size.peers > this.#limits.peers) break;
      this.#addName(number, added, size);
    }
    return added;
  }

  #addName(number: number, added: number[], size: TopologySize): void {
    if (this.#known[number] === known) return;
    const name = this.#update.names()[number]!;
    const isUnasked = this.#known[number] === unasked;
    this.#known[number] = known;
    if (isUnasked && this.#topology.get(name) !== undefined) return;
    added.push(number);
    size.countPlaceholder(name);
  }
}

function countDescription(size: TopologySize, update: ReadUpdate, index: number, times: 1 | -1): void {
  const { nickName, nameBytes } = update.peers[index]!;
  size.countTexts(nickName, nameBytes, times);
  size.countList(update.farCount(index), update.listBytes(index), times);
}
