import { ChunkQueue } from "./chunk-queue.ts";
import { CaptureError } from "./errors.ts";
import { type PacketInterface, packetTime, readInterface } from "./pcapng-interface.ts";

/** One captured packet. */
export interface Packet {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The kind of its first header: a LINKTYPE number. */
  readonly linkType: number;
  /** The captured part of it. */
  readonly bytes: Uint8Array;
  /** Its whole length; more than `bytes` if the capture cut it. */
  readonly length: number;
}

/** The most bytes of a block or packet; a longer one is taken for damage. */
export const maxBlockBytes = 64 * 1024 * 1024;
/** The most bytes of a block or packet that is looked at; longer ones hold no TCP segment and are passed over unread. */
export const maxPacketBytes = 1024 * 1024;
/** The most interfaces of a pcapng section. */
export const maxInterfaces = 65_536;

const sectionHeader = 0x0a0d0d0a;
const byteOrderMagic = 0x1a2b3c4d;
const interfaceDescription = 1;
const oldPacket = 2;
const simplePacket = 3;
const enhancedPacket = 6;

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
  readonly #queue = new ChunkQueue();
  #offset = 0;
  /** Bytes of a passed over block that are still to come. */
  #passOver = 0;
  #little = true;
  #format: "pcap" | "pcapng" | undefined;
  /** Of pcap: the one link type of the file. */
  #file: PacketInterface = { linkType: 0, unitsPerMs: 1000, offsetMs: 0 };
  #interfaces: PacketInterface[] = [];

  /** Adds bytes, which must not change afterwards. */
  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
  }

  /** All packets that have come whole. */
  *packets(): Generator<Packet, void, undefined> {
    if (this.#format === undefined && !this.#readFormat()) return;
    while (this.#skipOver()) {
      const packet = this.#format === "pcap" ? this.#pcapRecord() : this.#pcapngBlock();
      if (packet === undefined) return;
      if (packet !== "other") yield packet;
    }
  }

  /** To be called at the end of the file, after `packets` gave no more. */
  end(): void {
    if (this.#format === undefined) {
      if (this.#available >= 4 && formatOf(this.#queue.peek(4)) !== undefined)
        throw new CaptureError("truncated", "the packet capture ends within its first header", { offset: 0 });
      throw new CaptureError("unknown-format", "neither a session file nor a packet capture");
    }
    if (this.#available > 0 || this.#passOver > 0)
      throw new CaptureError(
        "truncated",
        `the packet capture ends within a packet, at offset ${this.#offset}`,
        {
          offset: this.#offset,
        },
      );
  }

  get #available(): number {
    return this.#queue.length;
  }

  #view(length: number): DataView {
    return viewOf(this.#queue.peek(length));
  }

  #take(length: number): void {
    this.#queue.skip(length);
    this.#offset += length;
  }

  /** Passes over the rest of a block that is not looked at; whether that is done. */
  #skipOver(): boolean {
    if (this.#passOver === 0) return true;
    const count = Math.min(this.#passOver, this.#available);
    this.#take(count);
    this.#passOver -= count;
    return this.#passOver === 0;
  }

  #readFormat(): boolean {
    if (this.#available < 4) return false;
    const format = formatOf(this.#queue.peek(4));
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

  #pcapRecord(): Packet | "other" | undefined {
    if (this.#available < 16) return undefined;
    const view = this.#view(16);
    const captured = view.getUint32(8, this.#little);
    if (captured > maxBlockBytes) throw this.#malformed(`a packet of ${captured} bytes`);
    if (captured > maxPacketBytes) {
      this.#passOver = 16 + captured;
      return "other";
    }
    if (this.#available < 16 + captured) return undefined;
    const { linkType, unitsPerMs } = this.#file;
    const at = view.getUint32(0, this.#little) * 1000 + view.getUint32(4, this.#little) / unitsPerMs;
    const length = view.getUint32(12, this.#little);
    const bytes = this.#queue.peek(16 + captured).subarray(16);
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
    if (total > maxPacketBytes) {
      if (isSection) throw this.#malformed(`a section header of ${total} bytes`);
      this.#passOver = total;
      return "other";
    }
    if (this.#available < total) return undefined;
    const block = this.#queue.peek(total);
    const view = viewOf(block);
    if (view.getUint32(total - 4, little) !== total) throw this.#malformed("a block with two lengths");
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
      if (this.#interfaces.length >= maxInterfaces)
        throw this.#malformed(`more than ${maxInterfaces} interfaces in a section`);
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
        at: packetTime(from, units),
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

  #interface(id: number): PacketInterface {
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

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
