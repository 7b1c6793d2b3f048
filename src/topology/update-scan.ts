import type * as gob from "../gob/index.ts";
import { decodeUtf8 } from "../gob/index.ts";
import type { Flavour, PeerName } from "../peer-name.ts";
import { type Random, systemRandom } from "../transport/index.ts";
import { NameTable } from "./name-table.ts";
import { type UpdateFraming, updateFraming } from "./update.ts";

/** One peer of a scanned update. */
export class ScannedPeer {
  /** The number of the name. */
  readonly number: number;
  readonly name: PeerName;
  readonly nickName: string;
  readonly uid: bigint;
  readonly version: bigint;
  readonly shortId: number;
  readonly hasShortId: boolean;
  /** Which connections are this peer's, of all in the update: `connections` of them from the `first`. */
  first = 0;
  connections = 0;
  allEstablished = true;
  /** The bytes of the list's elements: `bytes[start, end)` of the update. */
  start = 0;
  end = 0;

  constructor(
    number: number,
    name: PeerName,
    nickName: string,
    uid: bigint,
    version: bigint,
    shortId: number,
    hasShortId: boolean,
  ) {
    this.number = number;
    this.name = name;
    this.nickName = nickName;
    this.uid = uid;
    this.version = version;
    this.shortId = shortId;
    this.hasShortId = hasShortId;
  }
}

/** An update as it was scanned. It is good until the scanner's next `scan`, which writes over what all share. */
export interface ScannedUpdate {
  readonly peers: readonly ScannedPeer[];
  readonly names: NameTable;
  readonly ends: FarEnds;
}

/** The numbers of the names at the far ends of all connections of an update, one after the other. */
export class FarEnds {
  numbers = new Int32Array(keptEnds);

  /** Allocates space for so many numbers, and keeps those that are there. */
  reserve(count: number): void {
    if (count <= this.numbers.length) return;
    const { numbers } = this;
    this.numbers = new Int32Array(Math.max(count, numbers.length * 2));
    this.numbers.set(numbers);
  }

  /** Frees the memory that only a large update takes. */
  trim(): void {
    if (this.numbers.length > keptEnds) this.numbers = new Int32Array(keptEnds);
  }
}

/** The number of connections for which space is always allocated. */
const keptEnds = 1024;

/** Thrown inside only: the update is not in the form that is scanned. */
const unusual = Symbol("unusual");

/** The number of senders whose type ids are remembered. */
const maxFramings = 8;

/**
 * The fast way to read topology updates, which makes no object for a connection.
 *
 * It takes exactly what Go writes: definitions and headers as they were learnt from a first peer that was read in the plain way,
 * names of the usual width, each connection's name once, every value in its shortest form. For all else (and for all that is
 * malformed) it declines, and `decodeUpdate` decides.
 */
export class UpdateScanner {
  readonly #framings: UpdateFraming[] = [];
  readonly #names: NameTable;
  readonly #ends = new FarEnds();

  /** `random`: see {@link NameTable}. */
  constructor(flavour: Flavour, random: Random = systemRandom) {
    this.#names = new NameTable(flavour, random);
  }

  /** Whether the sender's type ids are known, so that `scan` is worth trying. */
  knows(update: Uint8Array): boolean {
    return this.#framings.some(({ peerDefinition }) => startsWith(update, 0, peerDefinition));
  }

  /** Takes note of a sender's type ids. */
  learn(types: gob.TypeTable): void {
    const framing = updateFraming(types);
    const same = ({ peerDefinition, listDefinitions }: UpdateFraming): boolean =>
      startsWith(framing.peerDefinition, 0, peerDefinition) &&
      startsWith(framing.listDefinitions, 0, listDefinitions);
    if (this.#framings.some(same)) return;
    if (this.#framings.length === maxFramings) this.#framings.pop();
    this.#framings.unshift(framing);
  }

  /** The update, or undefined where the plain way must be taken. */
  scan(bytes: Uint8Array): ScannedUpdate | undefined {
    for (const framing of this.#framings) {
      if (!startsWith(bytes, 0, framing.peerDefinition)) continue;
      try {
        return new Scan(bytes, framing, this.#names, this.#ends).run();
      } catch (error) {
        if (error !== unusual) throw error;
      }
    }
    this.release();
    return undefined;
  }

  /** Drops references to the last update, and frees the memory that only a large one takes. */
  release(): void {
    this.#names.reset(noBytes);
    this.#ends.trim();
  }
}

class Scan {
  readonly #bytes: Uint8Array;
  readonly #framing: UpdateFraming;
  readonly #names: NameTable;
  readonly #ends: FarEnds;
  /** The number of connections read so far. */
  #connections = 0;
  #at = 0;
  /** The last version: many peers have the same one, and then share the number. */
  #version = 0n;

  constructor(bytes: Uint8Array, framing: UpdateFraming, names: NameTable, ends: FarEnds) {
    this.#bytes = bytes;
    this.#framing = framing;
    this.#names = names;
    this.#ends = ends;
    names.reset(bytes);
  }

  run(): ScannedUpdate {
    const { peerDefinition, listDefinitions, peerId, listId } = this.#framing;
    const peers: ScannedPeer[] = [];
    this.#expect(peerDefinition);
    while (this.#at < this.#bytes.length || peers.length === 0) {
      const peer = this.#summary(this.#openMessage(peerId));
      if (peers.length === 0) this.#expect(listDefinitions);
      this.#list(peer, this.#openMessage(listId));
      peers.push(peer);
    }
    return { peers, names: this.#names, ends: this.#ends };
  }

  /** Reads the length and type id of the next message; returns where it ends. */
  #openMessage(id: Uint8Array): number {
    const length = this.#uint();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw unusual;
    this.#expect(id);
    return end;
  }

  #summary(end: number): ScannedPeer {
    if (this.#byte() !== 1 || this.#byte() !== this.#names.width) throw unusual;
    const number = this.#names.numberAt(this.#skip(this.#names.width, end));
    const name = this.#names.names[number]!;
    let nickName = "";
    let uid = 0n;
    let version = 0n;
    let shortId = 0;
    let hasShortId = false;
    for (let field = 1; ; ) {
      const distance = this.#byte();
      if (distance === 0) break;
      field += distance;
      if (field === 2) nickName = this.#text(end);
      else if (field === 3) uid = this.#uint64();
      else if (field === 4) version = this.#sharedVersion(this.#uint64());
      else if (field === 5) shortId = this.#uint();
      else if (field === 6 && this.#byte() === 1) hasShortId = true;
      else throw unusual;
    }
    if (this.#at !== end || shortId > 0xffff) throw unusual;
    return new ScannedPeer(number, name, nickName, uid, version, shortId, hasShortId);
  }

  /** The hot loop: once for each connection. */
  #list(peer: ScannedPeer, end: number): void {
    const bytes = this.#bytes;
    const names = this.#names;
    const { width, lastLists } = names;
    if (this.#byte() !== 0) throw unusual;
    const count = this.#uint();
    const start = this.#at;
    // The shortest element is a name and an end mark.
    if (count * (width + 3) > end - start) throw unusual;
    const first = this.#connections;
    this.#ends.reserve(first + count);
    const { numbers } = this.#ends;
    let at = start;
    for (let i = 0; i < count; i++) {
      if (bytes[at] !== 1 || bytes[at + 1] !== width || at + 2 + width >= end) throw unusual;
      const number = names.numberAt(at + 2);
      if (lastLists[number] === start) throw unusual;
      lastLists[number] = start;
      numbers[first + i] = number;
      at += 2 + width;
      let field = 1;
      for (let distance = bytes[at++]!; distance !== 0; distance = bytes[at++]!) {
        field += distance;
        const value = bytes[at++]!;
        if (field === 2 && value !== 0 && value < 0x80) at += value;
        else if ((field !== 3 && field !== 4) || value !== 1) throw unusual;
      }
      if (at > end) throw unusual;
      if (field !== 4) peer.allEstablished = false;
    }
    if (at !== end) throw unusual;
    this.#at = end;
    this.#connections += count;
    peer.first = first;
    peer.connections = count;
    peer.start = start;
    peer.end = end;
  }

  /** Passes over bytes of a message that ends there; returns where they begin. */
  #skip(length: number, end: number): number {
    const start = this.#at;
    this.#at += length;
    if (this.#at > end) throw unusual;
    return start;
  }

  #sharedVersion(version: bigint): bigint {
    if (version !== this.#version) this.#version = version;
    return this.#version;
  }

  #text(end: number): string {
    const start = this.#skip(this.#uint(), end);
    return decodeUtf8(this.#bytes.subarray(start, this.#at));
  }

  #expect(bytes: Uint8Array): void {
    if (!startsWith(this.#bytes, this.#at, bytes)) throw unusual;
    this.#at += bytes.length;
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) throw unusual;
    return this.#bytes[this.#at++]!;
  }

  /** A gob uint that fits 48 bits; greater ones are no lengths. */
  #uint(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = 0x100 - first;
    if (count > 6) throw unusual;
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 0x100 + this.#byte();
    return value;
  }

  #uint64(): bigint {
    const first = this.#byte();
    const count = first < 0x80 ? 0 : 0x100 - first;
    if (count > 8) throw unusual;
    let high = 0;
    let low = first < 0x80 ? first : 0;
    for (let i = 0; i < count; i++) {
      high = ((high << 8) | (low >>> 24)) >>> 0;
      low = ((low << 8) | this.#byte()) >>> 0;
    }
    number64.setUint32(0, high);
    number64.setUint32(4, low);
    return number64.getBigUint64(0);
  }
}

/** For putting a 64-bit number together: one bigint is made for it, where shifting makes four. */
const number64 = new DataView(new ArrayBuffer(8));
const noBytes = new Uint8Array(0);

function startsWith(bytes: Uint8Array, at: number, prefix: Uint8Array): boolean {
  if (at + prefix.length > bytes.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}
