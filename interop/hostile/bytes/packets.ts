/** Writes packet captures (pcap, link type raw IP) of TCP connections, with packets in any order and of any kind. */
export class PacketWriter {
  readonly #pieces: Buffer[] = [pcapHeader];
  #count = 0;

  /** Adds one TCP segment. */
  add(segment: Segment): void {
    const { from, to, sequence, acknowledge = 0, flags, payload = nothing, window = 65_535 } = segment;
    const packet = Buffer.alloc(16 + 40 + payload.length);
    packet.writeUInt32LE(1_600_000_000 + Math.floor(this.#count / 1_000), 0);
    packet.writeUInt32LE((this.#count++ % 1_000) * 1_000, 4);
    packet.writeUInt32LE(40 + payload.length, 8);
    packet.writeUInt32LE(40 + payload.length, 12);
    packet[16] = 0x45;
    packet.writeUInt16BE(40 + payload.length, 18);
    packet[24] = 64;
    packet[25] = 6;
    packet.set(from.address, 28);
    packet.set(to.address, 32);
    packet.writeUInt16BE(from.port, 36);
    packet.writeUInt16BE(to.port, 38);
    packet.writeUInt32BE(sequence >>> 0, 40);
    packet.writeUInt32BE(acknowledge >>> 0, 44);
    packet[48] = 0x50;
    packet[49] = flags;
    packet.writeUInt16BE(window, 50);
    packet.set(payload, 56);
    this.#pieces.push(packet);
  }

  /** The whole capture. */
  bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

/** One end of a connection. */
export interface End {
  address: readonly [number, number, number, number];
  port: number;
}

/** One TCP segment; sequence numbers are taken modulo 2^32. */
export interface Segment {
  from: End;
  to: End;
  sequence: number;
  acknowledge?: number;
  flags: number;
  payload?: Uint8Array;
  window?: number;
}

/** The flags of a segment. */
export const tcp = { fin: 1, syn: 2, rst: 4, ack: 16, synAck: 18, finAck: 17, rstAck: 20 } as const;

const nothing = new Uint8Array(0);
const pcapHeader = Buffer.alloc(24);
pcapHeader.writeUInt32LE(0xa1b2c3d4, 0);
pcapHeader.writeUInt16LE(2, 4);
pcapHeader.writeUInt16LE(4, 6);
pcapHeader.writeUInt32LE(262_144, 16);
pcapHeader.writeUInt32LE(101, 20); // raw IP

/** One TCP connection between two ends, whose segments are written one by one. */
export class TcpConversation {
  readonly #writer: PacketWriter;
  readonly client: End;
  readonly server: End;
  /** The next sequence number of each side. */
  readonly next = { client: 1_001, server: 5_001 };

  constructor(writer: PacketWriter, client: End, server: End) {
    this.#writer = writer;
    this.client = client;
    this.server = server;
  }

  /** The three segments that open the connection. */
  open(): void {
    this.raw("client", { sequence: 1_000, flags: tcp.syn });
    this.raw("server", { sequence: 5_000, acknowledge: 1_001, flags: tcp.synAck });
    this.raw("client", { sequence: 1_001, acknowledge: 5_001, flags: tcp.ack });
  }

  /** Data in order. */
  send(side: "client" | "server", payload: Uint8Array): void {
    const other = side === "client" ? "server" : "client";
    for (let at = 0; at < payload.length; at += 1_400) {
      const part = payload.subarray(at, at + 1_400);
      this.raw(side, {
        ...{ sequence: this.next[side], acknowledge: this.next[other], flags: tcp.ack, payload: part },
      });
      this.next[side] = (this.next[side] + part.length) >>> 0;
    }
  }

  /** Both sides finish. */
  close(): void {
    this.raw("client", { sequence: this.next.client, acknowledge: this.next.server, flags: tcp.finAck });
    this.raw("server", { sequence: this.next.server, acknowledge: this.next.client + 1, flags: tcp.finAck });
    this.raw("client", { sequence: this.next.client + 1, acknowledge: this.next.server + 1, flags: tcp.ack });
  }

  /** Any segment. */
  raw(side: "client" | "server", segment: Omit<Segment, "from" | "to">): void {
    const [from, to] = side === "client" ? [this.client, this.server] : [this.server, this.client];
    this.#writer.add({ from, to, ...segment });
  }
}
