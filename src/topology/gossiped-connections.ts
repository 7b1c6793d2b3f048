import { decodeUtf8 } from "../gob/index.ts";
import type { PeerName } from "../peer-name.ts";
import { type ConnectionRecord, type Peer, RemoteConnection } from "./peer.ts";

/**
 * The connections of another peer, kept as they were gossiped: the bytes of the gob list, and beside them who is at the far
 * ends. A mesh of n peers has up to n² of these; most are never looked at, and when the peer is gossiped on, its bytes are sent
 * on as they are.
 *
 * Bytes are kept as strings with a character for each, which take 16 bytes more than their contents; a Uint8Array takes 200
 * and more, and costs the collector a visit of its own. Long lists are better in one, outside the heap that is collected.
 *
 * Each element is in the form that Go writes:
 *
 *     01 <length> <name>   [01 <length> <address>]   [.. 01  outbound]   [.. 01  established]   00
 *
 * where each field is preceded by its distance from the last one that is there, and what is empty or false is left out, even an
 * empty name.
 */
export class GossipedConnections implements ReadonlyMap<PeerName, ConnectionRecord> {
  /** The peers at the far ends, each once, in the order of the list. */
  readonly remotes: readonly Peer[];
  /** The elements of the list, without their count. */
  readonly encoded: Uint8Array | string;
  /** Whether all of them are established, as they are in a mesh at rest: then routes need not look into the list. */
  readonly allEstablished: boolean;

  /** Takes over what it is given. */
  constructor(remotes: readonly Peer[], encoded: Uint8Array | string, allEstablished: boolean) {
    this.remotes = remotes;
    this.encoded = encoded;
    this.allEstablished = allEstablished;
  }

  get size(): number {
    return this.remotes.length;
  }

  get(name: PeerName): ConnectionRecord | undefined {
    const at = this.remotes.findIndex((remote) => remote.name === name);
    if (at < 0) return undefined;
    return recordOf(this.remotes[at]!, elementAt(this.encoded, at));
  }

  has(name: PeerName): boolean {
    return this.remotes.some((remote) => remote.name === name);
  }

  *keys(): MapIterator<PeerName> {
    for (const remote of this.remotes) yield remote.name;
  }

  /** Each record is made when it is asked for, and not kept. */
  *values(): MapIterator<ConnectionRecord> {
    const element = new ListElement(this.encoded);
    for (let i = 0; i < this.remotes.length; i++) {
      element.next();
      yield recordOf(this.remotes[i]!, element);
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

  /** Calls back for each connection, with its far end and whether it is established, which is all that routes need. */
  forEachLink(callback: (remote: Peer, established: boolean) => void): void {
    const { remotes } = this;
    if (this.allEstablished) {
      for (const remote of remotes) callback(remote, true);
      return;
    }
    const element = new ListElement(this.encoded);
    for (const remote of remotes) {
      element.next();
      callback(remote, element.established);
    }
  }

  /** Whether there is a connection to this very peer that is established. */
  isEstablishedTo(peer: Peer): boolean {
    const at = this.remotes.indexOf(peer);
    if (at < 0 || this.allEstablished) return at >= 0;
    return elementAt(this.encoded, at).established;
  }

  /**
   * Whether `encoded` equals what we would send now. A far end is named by the bytes with which it introduced itself, which can
   * differ from those in the list (see `Peer.oddNameBytes`).
   */
  namesHold(): boolean {
    return this.remotes.every((remote) => remote.oddNameBytes === undefined);
  }
}

// Not private methods: an object that has some takes 8 bytes more.

function elementAt(list: Uint8Array | string, index: number): ListElement {
  const element = new ListElement(list);
  for (let i = 0; i <= index; i++) element.next();
  return element;
}

function recordOf(remote: Peer, { address, outbound, established }: ListElement): ConnectionRecord {
  return new RemoteConnection(remote, address, outbound, established);
}

function bytesOf(list: Uint8Array | string): Uint8Array {
  return typeof list === "string" ? Buffer.from(list, "latin1") : list;
}

/** An element of the list: after the first `next` the first one. */
class ListElement {
  outbound = false;
  established = false;
  readonly #bytes: Uint8Array;
  #addressStart = 0;
  #addressEnd = 0;
  #at = 0;

  constructor(list: Uint8Array | string) {
    this.#bytes = bytesOf(list);
  }

  get address(): string {
    return decodeUtf8(this.#bytes.subarray(this.#addressStart, this.#addressEnd));
  }

  next(): void {
    const bytes = this.#bytes;
    let field = 0;
    this.outbound = false;
    this.established = false;
    this.#addressStart = this.#addressEnd = 0;
    for (let distance = bytes[this.#at++]!; distance !== 0; distance = bytes[this.#at++]!) {
      field += distance;
      if (field > 2) {
        if (field === 3) this.outbound = true;
        else this.established = true;
        this.#at++;
        continue;
      }
      const length = this.#length();
      if (field === 2) {
        this.#addressStart = this.#at;
        this.#addressEnd = this.#at + length;
      }
      this.#at += length;
    }
  }

  /** Reads a gob uint. */
  #length(): number {
    const first = this.#bytes[this.#at++]!;
    if (first < 0x80) return first;
    let length = 0;
    for (let count = 0x100 - first; count > 0; count--) length = length * 0x100 + this.#bytes[this.#at++]!;
    return length;
  }
}
