import { CaptureError } from "./errors.ts";

/** One captured packet. */
export interface Packet {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What it begins with: a LINKTYPE number. */
  readonly linkType: number;
  /** What was captured of it. */
  readonly bytes: Uint8Array;
  /** How long it was; more than `bytes` if the capture cut it. */
  readonly length: number;
}

/** A block or packet longer than this is not believed. */
const maxBlockBytes = 64 * 1024 * 1024;

const sectionHeader = 0x0a0d0d0a;
const byteOrderMagic = 0x1a2b3c4d;
const interfaceDescription = 1;
const oldPacket = 2;
const simplePacket = 3;
const enhancedPacket = 6;

interface Interface {
  readonly linkType: number;
  /** Units in a millisecond. */
  readonly unitsPerMs: number;
  readonly offsetMs: number;
}

/** Whether a file that begins so may be a packet capture. Four bytes decide. */
export function looksLikePackets(beginning: Uint8Array): boolean {
  return beginning.length >= 4 && formatOf(beginning) !== undefined;
}

function formatOf(
  beginning: Uint8Array,
): { readonly little: boolean; readonly unitsPerMs: number } | "pcapng" | undefined {
  const view = viewOf(beginning);
  if (view.getUint32(0) === sectionHeader) return "pcapng";
  for (const little of [true, false]) {
    const magic = view.getUint32(0, little);
    if (magic === 0xa1b2c3d4) return { little, unitsPerMs: 1_000 };
    if (magic === 0xa1b23c4d) return { little, unitsPerMs: 1_000_000 };
  }
  return undefined;
}

/**
 * Reads the packets of a pcap or pcapng file, as tcpdump and Wireshark write them, from chunks of any size.
 *
 * Throws CaptureError with the offset: `unknown-format`, `unknown-version`, `malformed`, and at the end `truncated`.
 */
export class PacketFileReader {
  #buffer: Uint8Array = new Uint8Array(0);
  #start = 0;
  #offset = 0;
  #little = true;
  #format: "pcap" | "pcapng" | undefined;
  /** Of pcap: the one link type of the file. */
  #file: Interface = { linkType: 0, unitsPerMs: 1000, offsetMs: 0 };
  #interfaces: Interface[] = [];

  /** Adds bytes, which must not change afterwards. */
  push(chunk: Uint8Array): void {
    const left = this.#buffer.length - this.#start;
    if (left === 0) {
      this.#buffer = chunk;
    } else {
      const joined = new Uint8Array(left + chunk.length);
      joined.set(this.#buffer.subarray(this.#start));
      joined.set(chunk, left);
      this.#buffer = joined;
    }
    this.#start = 0;
  }

  /** All packets that have come whole. */
  *packets(): Generator<Packet, void, undefined> {
    if (this.#format === undefined && !this.#readFormat()) return;
    for (;;) {
      const packet = this.#format === "pcap" ? this.#pcapRecord() : this.#pcapngBlock();
      if (packet === undefined) return;
      if (packet !== "other") yield packet;
    }
  }

  /** To be called at the end of the file, after `packets` gave no more. */
  end(): void {
    if (this.#format === undefined) {
      if (this.#available >= 4 && formatOf(this.#buffer.subarray(this.#start)) !== undefined)
        throw new CaptureError("truncated", "the packet capture ends within its first header", { offset: 0 });
      throw new CaptureError("unknown-format", "neither a session file nor a packet capture");
    }
    if (this.#available > 0)
      throw new CaptureError(
        "truncated",
        `the packet capture ends within a packet, at offset ${this.#offset}`,
        {
          offset: this.#offset,
        },
      );
  }

  get #available(): number {
    return this.#buffer.length - this.#start;
  }

  #view(length: number): DataView {
    return new DataView(this.#buffer.buffer, this.#buffer.byteOffset + this.#start, length);
  }

  #take(length: number): void {
    this.#start += length;
    this.#offset += length;
  }

  #readFormat(): boolean {
    if (this.#available < 4) return false;
    const format = formatOf(this.#buffer.subarray(this.#start));
    if (format === undefined)
      throw new CaptureError("unknown-format", "neither a session file nor a packet capture");
    if (format === "pcapng") {
      this.#format = "pcapng";
      return true;
    }
    if (this.#available < 24) return false;
    const view = this.#view(24);
    this.#little = format.little;
    const major = view.getUint16(4, this.#little);
    if (major !== 2)
      throw new CaptureError("unknown-version", `a pcap file of version ${major}; known is 2`, { offset: 4 });
    // The upper bits tell of frame check sequences.
    const linkType = view.getUint32(20, this.#little) & 0x0fffffff;
    this.#file = { linkType, unitsPerMs: format.unitsPerMs, offsetMs: 0 };
    this.#take(24);
    this.#format = "pcap";
    return true;
  }

  #pcapRecord(): Packet | undefined {
    if (this.#available < 16) return undefined;
    const view = this.#view(16);
    const captured = view.getUint32(8, this.#little);
    if (captured > maxBlockBytes) throw this.#malformed(`a packet of ${captured} bytes`);
    if (this.#available < 16 + captured) return undefined;
    const { linkType, unitsPerMs } = this.#file;
    const at = view.getUint32(0, this.#little) * 1000 + view.getUint32(4, this.#little) / unitsPerMs;
    const length = view.getUint32(12, this.#little);
    const bytes = this.#buffer.subarray(this.#start + 16, this.#start + 16 + captured);
    this.#take(16 + captured);
    return { at, linkType, bytes, length };
  }

  #pcapngBlock(): Packet | "other" | undefined {
    if (this.#available < 12) return undefined;
    const head = this.#view(12);
    const isSection = head.getUint32(0) === sectionHeader;
    if (isSection) {
      this.#little = head.getUint32(8, true) === byteOrderMagic;
      if (!this.#little && head.getUint32(8) !== byteOrderMagic)
        throw this.#malformed("a section without byte order");
      this.#interfaces = [];
    }
    const little = this.#little;
    const total = head.getUint32(4, little);
    if (total < 12 || total % 4 !== 0 || total > maxBlockBytes)
      throw this.#malformed(`a block of ${total} bytes`);
    if (this.#available < total) return undefined;
    const view = this.#view(total);
    if (view.getUint32(total - 4, little) !== total) throw this.#malformed("a block with two lengths");
    const block = this.#buffer.subarray(this.#start, this.#start + total);
    const type = isSection ? sectionHeader : view.getUint32(0, little);
    const packet = this.#blockPacket(type, view, block, total);
    this.#take(total);
    return packet;
  }

  #blockPacket(type: number, view: DataView, block: Uint8Array, total: number): Packet | "other" {
    const little = this.#little;
    const need = (length: number) => {
      if (total < length) throw this.#malformed(`a block of type ${type} with ${total} bytes`);
    };
    if (type === sectionHeader) {
      need(28);
      const major = view.getUint16(12, little);
      if (major !== 1)
        throw new CaptureError("unknown-version", `a pcapng section of version ${major}; known is 1`, {
          offset: this.#offset,
        });
      return "other";
    }
    if (type === interfaceDescription) {
      need(20);
      this.#interfaces.push(readInterface(view, total, little));
      return "other";
    }
    if (type === enhancedPacket || type === oldPacket) {
      need(32);
      const id = type === enhancedPacket ? view.getUint32(8, little) : view.getUint16(8, little);
      const from = this.#interface(id);
      const units = view.getUint32(12, little) * 0x1_0000_0000 + view.getUint32(16, little);
      const captured = view.getUint32(20, little);
      need(32 + captured);
      return {
        at: from.offsetMs + units / from.unitsPerMs,
        linkType: from.linkType,
        bytes: block.subarray(28, 28 + captured),
        length: view.getUint32(24, little),
      };
    }
    if (type === simplePacket) {
      need(16);
      const length = view.getUint32(8, little);
      const captured = Math.min(length, total - 16);
      return {
        at: 0,
        linkType: this.#interface(0).linkType,
        bytes: block.subarray(12, 12 + captured),
        length,
      };
    }
    return "other";
  }

  #interface(id: number): Interface {
    const found = this.#interfaces[id];
    if (found === undefined) throw this.#malformed(`a packet of interface ${id}, which was not described`);
    return found;
  }

  #malformed(what: string): CaptureError {
    return new CaptureError("malformed", `the packet capture has ${what}, at offset ${this.#offset}`, {
      offset: this.#offset,
    });
  }
}

/** An interface and the resolution of its times, which an option may change from microseconds. */
function readInterface(view: DataView, total: number, little: boolean): Interface {
  let unitsPerMs = 1000;
  let offsetMs = 0;
  for (let at = 16; at + 4 <= total - 4; ) {
    const code = view.getUint16(at, little);
    const length = view.getUint16(at + 2, little);
    if (code === 0 || at + 4 + length > total - 4) break;
    if (code === 9 && length === 1) {
      const resolution = view.getUint8(at + 4);
      unitsPerMs = (resolution & 0x80 ? 2 ** (resolution & 0x7f) : 10 ** resolution) / 1000;
    }
    if (code === 14 && length === 8) offsetMs = Number(view.getBigInt64(at + 4, little)) * 1000;
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return { linkType: view.getUint16(8, little), unitsPerMs, offsetMs };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
