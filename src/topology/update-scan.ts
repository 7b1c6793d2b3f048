import type * as gob from "../gob/index.ts";
import { decodeUtf8 } from "../gob/index.ts";
import type { Flavour, PeerName } from "../peer-name.ts";
import { establishedFlag, outboundFlag } from "./gossiped-connections.ts";
import { NameTable } from "./name-table.ts";
import { type UpdateFraming, updateFraming } from "./update.ts";

/** One peer of a scanned update. Its connections are numbers of names, flags, and where their bytes stand. */
export interface ScannedPeer {
  readonly name: PeerName;
  readonly nickName: string;
  readonly uid: bigint;
  readonly version: bigint;
  readonly shortId: number;
  readonly hasShortId: boolean;
  readonly remotes: Int32Array;
  readonly flags: Uint8Array;
  /** The bytes of the elements: `bytes[start, end)` of the update. */
  readonly start: number;
  readonly end: number;
}

export interface ScannedUpdate {
  readonly peers: ScannedPeer[];
  readonly names: NameTable;
}

/** Thrown inside only: the update is not in the form that is scanned. */
const unusual = Symbol("unusual");

/** How many senders' type ids are remembered. */
const maxFramings = 8;

/**
 * The fast way to read topology updates, which makes no object for a connection.
 *
 * It takes exactly what Go writes: definitions and headers as they were learnt from a first peer that was read in the plain way,
 * names of the usual width, each connection's name once, every value in its shortest form. For all else (and for all that is
 * malformed) it declines, and `decodeUpdate` decides.
 */
export class UpdateScanner {
  readonly #flavour: Flavour;
  readonly #framings: UpdateFraming[] = [];

  constructor(flavour: Flavour) {
    this.#flavour = flavour;
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
        return new Scan(bytes, this.#flavour, framing).run();
      } catch (error) {
        if (error !== unusual) throw error;
      }
    }
    return undefined;
  }
}

class Scan {
  readonly #bytes: Uint8Array;
  readonly #framing: UpdateFraming;
  readonly #names: NameTable;
  /** For each name the start of the last list in which it stood. */
  readonly #lastList: number[] = [];
  #at = 0;

  constructor(bytes: Uint8Array, flavour: Flavour, framing: UpdateFraming) {
    this.#bytes = bytes;
    this.#framing = framing;
    this.#names = new NameTable(bytes, flavour);
  }

  run(): ScannedUpdate {
    const { peerDefinition, listDefinitions, peerId, listId } = this.#framing;
    const peers: ScannedPeer[] = [];
    this.#expect(peerDefinition);
    while (this.#at < this.#bytes.length || peers.length === 0) {
      const summary = this.#summary(this.#openMessage(peerId));
      if (peers.length === 0) this.#expect(listDefinitions);
      peers.push({ ...summary, ...this.#list(this.#openMessage(listId)) });
    }
    return { peers, names: this.#names };
  }

  /** Reads the length and type id of the next message; returns where it ends. */
  #openMessage(id: Uint8Array): number {
    const length = this.#uint();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw unusual;
    this.#expect(id);
    return end;
  }

  #summary(end: number): Omit<ScannedPeer, "remotes" | "flags" | "start" | "end"> {
    if (this.#byte() !== 1 || this.#byte() !== this.#names.width) throw unusual;
    const name = this.#names.names[this.#names.numberAt(this.#skip(this.#names.width, end))]!;
    let [nickName, uid, version, shortId, hasShortId] = ["", 0n, 0n, 0, false];
    for (let field = 1; ; ) {
      const distance = this.#byte();
      if (distance === 0) break;
      field += distance;
      if (field === 2) nickName = this.#text(end);
      else if (field === 3) uid = this.#uint64();
      else if (field === 4) version = this.#uint64();
      else if (field === 5) shortId = this.#uint();
      else if (field === 6 && this.#byte() === 1) hasShortId = true;
      else throw unusual;
    }
    if (this.#at !== end || shortId > 0xffff) throw unusual;
    return { name, nickName, uid, version, shortId, hasShortId };
  }

  /** The hot loop: once for each connection. */
  #list(end: number): Pick<ScannedPeer, "remotes" | "flags" | "start" | "end"> {
    const bytes = this.#bytes;
    const names = this.#names;
    const { width } = names;
    if (this.#byte() !== 0) throw unusual;
    const count = this.#uint();
    const start = this.#at;
    // The shortest element is a name and an end mark.
    if (count * (width + 3) > end - start) throw unusual;
    const remotes = new Int32Array(count);
    const flags = new Uint8Array(count);
    let at = start;
    for (let i = 0; i < count; i++) {
      if (bytes[at] !== 1 || bytes[at + 1] !== width || at + 2 + width >= end) throw unusual;
      const number = names.numberAt(at + 2);
      if (this.#lastList[number] === start) throw unusual;
      this.#lastList[number] = start;
      remotes[i] = number;
      at += 2 + width;
      let field = 1;
      let said = 0;
      for (let distance = bytes[at++]!; distance !== 0; distance = bytes[at++]!) {
        field += distance;
        const value = bytes[at++]!;
        if (field === 2 && value !== 0 && value < 0x80) at += value;
        else if (field === 3 && value === 1) said |= outboundFlag;
        else if (field === 4 && value === 1) said |= establishedFlag;
        else throw unusual;
      }
      if (at > end) throw unusual;
      flags[i] = said;
    }
    if (at !== end) throw unusual;
    this.#at = end;
    return { remotes, flags, start, end };
  }

  /** Passes over bytes of a message that ends there; returns where they begin. */
  #skip(length: number, end: number): number {
    const start = this.#at;
    this.#at += length;
    if (this.#at > end) throw unusual;
    return start;
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
    if (first < 0x80) return BigInt(first);
    const count = 0x100 - first;
    if (count > 8) throw unusual;
    let [high, low] = [0, 0];
    for (let i = 0; i < count; i++) {
      high = (high * 0x100 + Math.floor(low / 0x1000000)) % 0x100000000;
      low = (low % 0x1000000) * 0x100 + this.#byte();
    }
    return high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low);
  }
}

function startsWith(bytes: Uint8Array, at: number, prefix: Uint8Array): boolean {
  if (at + prefix.length > bytes.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}
