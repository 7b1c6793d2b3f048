/** A TCP segment to be put into a packet. */
export interface SegmentSpec {
  readonly fromDialler: boolean;
  readonly sequence: number;
  readonly payload?: Uint8Array;
  /** `S`, `A`, `F`, `R`, `P`, `U` in any combination; default `A`. */
  readonly flags?: string;
  readonly acknowledged?: number;
}

const flagBits: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16, U: 32 };

/** An IP packet of version 4 or 6 with a segment; `extension` puts a hop-by-hop header between. */
export function ipPacket(spec: SegmentSpec, version: 4 | 6 = 4, extension = false): Buffer {
  const { fromDialler, sequence, payload = new Uint8Array(0), flags = "A", acknowledged = 0 } = spec;
  const tcp = Buffer.alloc(20);
  tcp.writeUInt16BE(fromDialler ? 40_000 : 6783, 0);
  tcp.writeUInt16BE(fromDialler ? 6783 : 40_000, 2);
  tcp.writeUInt32BE(sequence >>> 0, 4);
  tcp.writeUInt32BE(acknowledged >>> 0, 8);
  tcp[12] = 0x50;
  tcp[13] = [...flags].reduce((bits, flag) => bits | flagBits[flag]!, 0);
  const own = fromDialler ? 1 : 2;
  if (version === 4) {
    const ip = Buffer.alloc(20);
    ip[0] = 0x45;
    ip.writeUInt16BE(40 + payload.length, 2);
    ip[9] = 6;
    ip.set([10, 0, 0, own], 12);
    ip.set([10, 0, 0, 3 - own], 16);
    return Buffer.concat([ip, tcp, payload]);
  }
  const options = extension ? Buffer.from([6, 0, 1, 4, 0, 0, 0, 0]) : Buffer.alloc(0);
  const ip = Buffer.alloc(40);
  ip[0] = 0x60;
  ip.writeUInt16BE(options.length + 20 + payload.length, 4);
  ip[6] = extension ? 0 : 6;
  ip.set([0xfd, 0], 8);
  ip[23] = own;
  ip.set([0xfd, 0], 24);
  ip[39] = 3 - own;
  return Buffer.concat([ip, options, tcp, payload]);
}

/** A pcap file. `big` and `nanoseconds` choose among its four forms. */
export function pcapFile(
  linkType: number,
  packets: readonly Uint8Array[],
  { big = false, nanoseconds = false, snapLength = 65_535 } = {},
): Buffer {
  const head = Buffer.alloc(24);
  const write32 = (buffer: Buffer, value: number, at: number) =>
    big ? buffer.writeUInt32BE(value, at) : buffer.writeUInt32LE(value, at);
  write32(head, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, 0);
  if (big) head.writeUInt16BE(2, 4);
  else head.writeUInt16LE(2, 4);
  write32(head, linkType, 20);
  const pieces: Uint8Array[] = [head];
  for (const [index, packet] of packets.entries()) {
    const record = Buffer.alloc(16);
    write32(record, 1_600_000_000, 0);
    write32(record, (index + 1) * (nanoseconds ? 1_000_000 : 1_000), 4);
    write32(record, Math.min(packet.length, snapLength), 8);
    write32(record, packet.length, 12);
    pieces.push(record, packet.subarray(0, snapLength));
  }
  return Buffer.concat(pieces);
}

function block(type: number, body: Uint8Array, big: boolean): Buffer {
  const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
  const framed = Buffer.alloc(8 + padded.length + 4);
  const write = (value: number, at: number) =>
    big ? framed.writeUInt32BE(value, at) : framed.writeUInt32LE(value, at);
  write(type, 0);
  write(framed.length, 4);
  framed.set(padded, 8);
  write(framed.length, framed.length - 4);
  return framed;
}

/** A pcapng file with one section and one interface, times in nanoseconds. */
export function pcapngFile(
  linkType: number,
  packets: readonly Uint8Array[],
  { big = false, simple = false } = {},
): Buffer {
  const fields = (...values: readonly [bits: 16 | 32, value: number][]) => {
    const buffer = Buffer.alloc(values.reduce((sum, [bits]) => sum + bits / 8, 0));
    let at = 0;
    for (const [bits, value] of values) {
      if (bits === 16) at = big ? buffer.writeUInt16BE(value, at) : buffer.writeUInt16LE(value, at);
      else at = big ? buffer.writeUInt32BE(value, at) : buffer.writeUInt32LE(value, at);
    }
    return buffer;
  };
  const section = block(
    0x0a0d0d0a,
    fields([32, 0x1a2b3c4d], [16, 1], [16, 0], [32, 0xffffffff], [32, 0xffffffff]),
    big,
  );
  const nanoseconds = Buffer.concat([
    fields([16, 9], [16, 1]),
    Buffer.from([9, 0, 0, 0]),
    fields([16, 0], [16, 0]),
  ]);
  const description = block(1, Buffer.concat([fields([16, linkType], [16, 0], [32, 0]), nanoseconds]), big);
  const unknown = block(0x0bad, Buffer.from("passed over"), big);
  const blocks = packets.map((packet, index) => {
    if (simple) return block(3, Buffer.concat([fields([32, packet.length]), packet]), big);
    const time = 1_600_000_000_000_000_000n + BigInt(index + 1) * 1_000_000n;
    const head = fields(
      [32, 0],
      [32, Number(time >> 32n)],
      [32, Number(time & 0xffffffffn)],
      [32, packet.length],
      [32, packet.length],
    );
    return block(6, Buffer.concat([head, packet]), big);
  });
  return Buffer.concat([section, description, unknown, ...blocks]);
}

/** What stands before an IP packet for a link type. */
export const linkHeaders = {
  null: {
    linkType: 0,
    before: (version: 4 | 6) => Buffer.from(version === 4 ? [2, 0, 0, 0] : [30, 0, 0, 0]),
  },
  ethernet: {
    linkType: 1,
    before: (version: 4 | 6) => Buffer.from([...new Array(12).fill(0x11), ...etherType(version)]),
  },
  vlan: {
    linkType: 1,
    before: (version: 4 | 6) =>
      Buffer.from([...new Array(12).fill(0x11), 0x81, 0, 0, 7, ...etherType(version)]),
  },
  "vlan in vlan": {
    linkType: 1,
    before: (version: 4 | 6) =>
      Buffer.from([...new Array(12).fill(0x11), 0x88, 0xa8, 0, 7, 0x81, 0, 0, 8, ...etherType(version)]),
  },
  raw: { linkType: 101, before: () => Buffer.alloc(0) },
  loop: { linkType: 108, before: (version: 4 | 6) => Buffer.from([0, 0, 0, version === 4 ? 2 : 24]) },
  "any device": {
    linkType: 113,
    before: (version: 4 | 6) => Buffer.from([...new Array(14).fill(0), ...etherType(version)]),
  },
  "any device, second form": {
    linkType: 276,
    before: (version: 4 | 6) => Buffer.from([...etherType(version), ...new Array(18).fill(0)]),
  },
} as const;

function etherType(version: 4 | 6): [number, number] {
  return version === 4 ? [0x08, 0x00] : [0x86, 0xdd];
}
