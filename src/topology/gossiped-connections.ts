import { decodeUtf8 } from "../gob/index.ts";
import type { PeerName } from "../peer-name.ts";
import { type ConnectionRecord, type Peer, RemoteConnection } from "./peer.ts";

/** Bits of `flags`. */
export const outboundFlag = 1;
export const establishedFlag = 2;

/**
 * The connections of another peer, kept as they were gossiped: the bytes of the gob list, beside them who is at the far ends and
 * what the flags are, which is all that routes need. A mesh of n peers has up to n² of these; most are never looked at, and
 * when the peer is gossiped on, its bytes are sent on as they are.
 *
 * Bytes are kept as strings with a character for each, which take 16 bytes more than their contents; a Uint8Array takes 200
 * and more, and costs the collector a visit of its own. Long lists are better in one, outside the heap that is collected.
 *
 * Each element, in the one form that Go writes and that alone is kept like this (NameTable.width is 6 or 16):
 *
 *     01 <width> <name>   [01 <length> <address>]   [.. 01  outbound]   [.. 01  established]   00
 *
 * where each field is preceded by its distance from the last one that is there, and what is empty or false is left out.
 */
export class GossipedConnections implements ReadonlyMap<PeerName, ConnectionRecord> {
  /** The peers at the far ends, each once, in the order of the list. */
  readonly remotes: readonly Peer[];
  /** What is said of each, in its character code: outbound, established. */
  readonly flags: string;
  /** The elements of the list, without their count. */
  readonly encoded: Uint8Array | string;

  /** Takes over what it is given. */
  constructor(remotes: readonly Peer[], flags: string, encoded: Uint8Array | string) {
    this.remotes = remotes;
    this.flags = flags;
    this.encoded = encoded;
  }

  get size(): number {
    return this.remotes.length;
  }

  get(name: PeerName): ConnectionRecord | undefined {
    const at = this.remotes.findIndex((remote) => remote.name === name);
    if (at < 0) return undefined;
    let offset = 0;
    for (let i = 0; i < at; i++) offset = this.#endOf(offset, i);
    return this.#recordAt(offset, at);
  }

  has(name: PeerName): boolean {
    return this.remotes.some((remote) => remote.name === name);
  }

  *keys(): MapIterator<PeerName> {
    for (const remote of this.remotes) yield remote.name;
  }

  /** Made as they are asked for, and not kept. */
  *values(): MapIterator<ConnectionRecord> {
    let offset = 0;
    for (let i = 0; i < this.remotes.length; i++) {
      yield this.#recordAt(offset, i);
      offset = this.#endOf(offset, i);
    }
  }

  *entries(): MapIterator<[PeerName, ConnectionRecord]> {
    for (const record of this.values()) yield [record.remote.name, record];
  }

  [Symbol.iterator](): MapIterator<[PeerName, ConnectionRecord]> {
    return this.entries();
  }

  forEach(
    callback: (
      record: ConnectionRecord,
      name: PeerName,
      map: ReadonlyMap<PeerName, ConnectionRecord>,
    ) => void,
  ): void {
    for (const record of this.values()) callback(record, record.remote.name, this);
  }

  /** Whether there is a connection to this very peer that is established. */
  isEstablishedTo(peer: Peer): boolean {
    const at = this.remotes.indexOf(peer);
    return at >= 0 && (this.flags.charCodeAt(at) & establishedFlag) !== 0;
  }

  /**
   * Whether `encoded` is what we would send now. A far end is named by the bytes with which it introduced itself, which can be
   * others than those that stand here (see `Peer.oddNameBytes`).
   */
  namesHold(): boolean {
    return this.remotes.every((remote) => remote.oddNameBytes === undefined);
  }

  #recordAt(offset: number, index: number): ConnectionRecord {
    const flags = this.flags.charCodeAt(index);
    const outbound = (flags & outboundFlag) !== 0;
    return new RemoteConnection(
      this.remotes[index]!,
      this.#addressAt(this.#endOfName(offset)),
      outbound,
      (flags & establishedFlag) !== 0,
    );
  }

  #addressAt(at: number): string {
    if (!this.#hasAddress(at)) return "";
    const address = this.encoded.slice(at + 2, at + 2 + this.#byteAt(at + 1));
    return decodeUtf8(typeof address === "string" ? Buffer.from(address, "latin1") : address);
  }

  #endOf(offset: number, index: number): number {
    const flags = this.flags.charCodeAt(index);
    const at = this.#endOfName(offset);
    const address = this.#hasAddress(at) ? 2 + this.#byteAt(at + 1) : 0;
    const flagBytes = (flags & outboundFlag) * 2 + (flags & establishedFlag);
    return at + address + flagBytes + 1;
  }

  #endOfName(offset: number): number {
    return offset + 2 + this.#byteAt(offset + 1);
  }

  #hasAddress(at: number): boolean {
    return this.#byteAt(at) === 1;
  }

  #byteAt(at: number): number {
    return typeof this.encoded === "string" ? this.encoded.charCodeAt(at) : this.encoded[at]!;
  }
}
