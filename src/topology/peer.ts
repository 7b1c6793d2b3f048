import { escapeText } from "../go-text/index.ts";
import { PeerName } from "../peer-name.ts";
import type { Random } from "../transport/index.ts";

/**
 * One connection of a peer, as that peer tells of it. The router's own connections implement this, too.
 *
 * Source: connection.go, `Connection`.
 */
export interface ConnectionRecord {
  /** The peer at the far end. */
  readonly remote: Peer;
  /** The far end's address as Go prints it, such as `10.0.0.7:6783`. */
  readonly remoteAddress: string;
  /** True if the peer that tells of the connection dialled it. */
  readonly outbound: boolean;
  /** True once the overlay has confirmed that the connection carries data. */
  readonly established: boolean;
}

/** A connection of another peer, as it was gossiped. Source: connection.go, `remoteConnection`. */
export class RemoteConnection implements ConnectionRecord {
  readonly remote: Peer;
  readonly remoteAddress: string;
  readonly outbound: boolean;
  readonly established: boolean;

  constructor(remote: Peer, remoteAddress: string, outbound: boolean, established: boolean) {
    this.remote = remote;
    this.remoteAddress = remoteAddress;
    this.outbound = outbound;
    this.established = established;
  }
}

/** What a new peer starts with. All but the name may be left out: that makes a placeholder. */
export interface PeerInit {
  name: PeerName;
  /** The bytes the name came as, where they are not those of the canonical name (as in a mac name of other than 6 bytes). */
  nameBytes?: Uint8Array | undefined;
  /** Default "". */
  nickName?: string;
  /** Default 0, which stands for a placeholder. */
  uid?: bigint;
  /** Default 0. */
  version?: bigint;
  /** Default 0. */
  shortId?: number | undefined;
  /** Default: whether `shortId` is given. Peers of protocol version 1 and placeholders have none. */
  hasShortId?: boolean;
}

/** What an update says of a peer, but for its connections. */
export type PeerSummary = Required<Omit<PeerInit, "nameBytes" | "shortId">> &
  Pick<PeerInit, "nameBytes"> & { shortId: number };

/**
 * What we know of a peer. Only Peers and LocalPeer change it; all others read.
 *
 * Source: peer.go, `Peer` and `peerSummary`.
 */
export class Peer {
  readonly name: PeerName;
  /** May hold bytes that are not UTF-8, carried as U+DC80 to U+DCFF. */
  nickName: string;
  /** Tells one run of a peer's process from the next, unsigned 64 bits; 0 is a placeholder. */
  uid: bigint;
  /** Grows with each change of the peer's own record, unsigned 64 bits. */
  version: bigint;
  /** By the name of the peer at the far end, in the order in which they were told. */
  connections: ReadonlyMap<PeerName, ConnectionRecord> = noConnections;
  /** How many of our connections, also those in their handshake, hold on to this peer. Kept by Peers. */
  localRefCount = 0;
  /** The place of the peer in the order of names. Kept by PeerGraph, which alone knows when it is valid. */
  rank = -1;
  /** The short ID and what is true of the peer, in one field: a mesh has many peers, and each field takes 8 bytes of each. */
  #bits: number;

  constructor(init: PeerInit) {
    this.name = init.name;
    this.nickName = init.nickName ?? "";
    this.uid = init.uid ?? 0n;
    this.version = init.version ?? 0n;
    this.#bits = init.shortId ?? 0;
    this.hasShortId = init.hasShortId ?? init.shortId !== undefined;
    if (init.nameBytes !== undefined) {
      this.#bits |= oddNameBit;
      oddNames.set(this, init.nameBytes);
    }
  }

  /** 12 bits, by the original's rules; gossip can bring 16. Means nothing unless `hasShortId`. */
  get shortId(): number {
    return this.#bits & shortIdBits;
  }

  set shortId(shortId: number) {
    this.#bits = (this.#bits & ~shortIdBits) | shortId;
  }

  get hasShortId(): boolean {
    return (this.#bits & hasShortIdBit) !== 0;
  }

  set hasShortId(hasShortId: boolean) {
    this.#bits = hasShortId ? this.#bits | hasShortIdBit : this.#bits & ~hasShortIdBit;
  }

  /** The bytes as which the name came in an update, where they are not the name's own. */
  get oddNameBytes(): Uint8Array | undefined {
    return (this.#bits & oddNameBit) === 0 ? undefined : oddNames.get(this);
  }

  /** The bytes that stand for the name in topology updates; not to be changed. */
  get nameBytes(): Uint8Array {
    return this.oddNameBytes ?? PeerName.toBytes(this.name);
  }

  /** `NAME(NICKNAME)` for logs and errors: see {@link peerLabel}. */
  toString(): string {
    const { name, nickName } = this;
    if (name.length + nickName.length <= shortLabel) return peerLabel(name, nickName);
    let known = longLabels.get(this);
    if (known?.nickName !== nickName) {
      known = { nickName, label: peerLabel(name, nickName) };
      longLabels.set(this, known);
    }
    return known.label;
  }
}

/**
 * Returns `NAME(NICKNAME)` as a peer appears in logs and errors: each part at most 1 KiB of UTF-8, control characters
 * escaped. Up to that it equals Go's, which prints the whole as it stands.
 */
export function peerLabel(name: PeerName, nickName: string): string {
  return `${escapeText(name)}(${escapeText(nickName)})`;
}

/** Labels of up to so many UTF-16 units are made anew for each line. */
const shortLabel = 256;

/** The labels of longer ones, as counting the bytes of a nickname of 10 MiB takes milliseconds, and a peer can cause many lines. */
const longLabels = new WeakMap<Peer, { readonly nickName: string; readonly label: string }>();

/**
 * Whether a description is newer than what is known of a peer: by version, then UID, then having a short ID where none is known.
 */
export function isNews(described: PeerSummary, known: Peer): boolean {
  if (described.version !== known.version) return described.version > known.version;
  if (described.uid !== known.uid) return described.uid > known.uid;
  return described.hasShortId && !known.hasShortId;
}

const shortIdBits = 0xffff;
const hasShortIdBit = 1 << 16;
const oddNameBit = 1 << 17;
const oddNames = new WeakMap<Peer, Uint8Array>();

const noConnections: ReadonlyMap<PeerName, ConnectionRecord> = new Map();

/** Short IDs that peers choose are below this: 12 bits. Source: peer.go, `peerShortIDBits`. */
export const shortIdCount = 1 << 12;

/** A UID for a peer that starts: 64 random bits, never 0. Source: peer.go, `randomPeerUID`. */
export function randomPeerUid(random: Random): bigint {
  for (;;) {
    const bytes = random.bytes(8);
    const uid = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    if (uid !== 0n) return uid;
  }
}

/** A short ID for a peer that starts; it may collide. Source: peer.go, `randomPeerShortID`. */
export function randomShortId(random: Random): number {
  return random.int(shortIdCount);
}
