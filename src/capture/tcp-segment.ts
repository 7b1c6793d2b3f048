/** A TCP segment as it was captured. */
export interface TcpSegment {
  /** Address and port in their own bytes, one character each: see {@link endpointText}. */
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  /** Undefined without the ACK flag. */
  readonly acknowledged: number | undefined;
  readonly syn: boolean;
  readonly fin: boolean;
  readonly reset: boolean;
  readonly urgent: boolean;
  /** The captured part of its payload. */
  readonly payload: Uint8Array;
  /** The length of the whole payload. */
  readonly length: number;
}

const etherTypes = { ipv4: 0x0800, ipv6: 0x86dd, vlan: new Set([0x8100, 0x88a8, 0x9100]) } as const;
const tcp = 6;

/** LINKTYPE numbers, as pcap files carry them. */
const linkTypes = {
  null: 0,
  ethernet: 1,
  rawBsd: [12, 14],
  raw: 101,
  loop: 108,
  linuxCooked: 113,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const;

const known: ReadonlySet<number> = new Set(Object.values(linkTypes).flat());

/** Whether packets of this link type can be read. */
export function knowsLinkType(linkType: number): boolean {
  return known.has(linkType);
}

/** The TCP segment in a packet; `undefined` if there is none, or it is a fragment. */
export function readSegment(packet: Uint8Array, linkType: number): TcpSegment | undefined {
  const ip = ipPacket(packet, linkType);
  if (ip === undefined || ip.length < 20) return undefined;
  return ip[0]! >> 4 === 4 ? fromIpv4(ip) : ip[0]! >> 4 === 6 ? fromIpv6(ip) : undefined;
}

/** The IP packet above the link layer. */
function ipPacket(packet: Uint8Array, linkType: number): Uint8Array | undefined {
  switch (linkType) {
    case linkTypes.null:
    case linkTypes.loop:
      return packet.subarray(4);
    case linkTypes.ethernet:
      return ofEtherType(packet, 12);
    case linkTypes.linuxCooked:
      return ofEtherType(packet, 14);
    case linkTypes.linuxCooked2:
      return packet.length < 20 ? undefined : ofEtherType(packet, 0, 20);
    case linkTypes.raw:
    case linkTypes.ipv4:
    case linkTypes.ipv6:
    case linkTypes.rawBsd[0]:
    case linkTypes.rawBsd[1]:
      return packet;
    default:
      return undefined;
  }
}

/** The IP packet after an EtherType at `at`, past any VLAN tags. */
function ofEtherType(packet: Uint8Array, at: number, payloadAt = at + 2): Uint8Array | undefined {
  let type = uint16(packet, at);
  let start = payloadAt;
  while ((etherTypes.vlan as ReadonlySet<number>).has(type) && start + 4 <= packet.length) {
    type = uint16(packet, start + 2);
    start += 4;
  }
  return type === etherTypes.ipv4 || type === etherTypes.ipv6 ? packet.subarray(start) : undefined;
}

function fromIpv4(ip: Uint8Array): TcpSegment | undefined {
  const head = (ip[0]! & 0x0f) * 4;
  // More fragments to come, or not the first: the pieces are not put together.
  const fragment = uint16(ip, 6) & 0x3fff;
  if (ip[9] !== tcp || fragment !== 0 || head < 20) return undefined;
  // Segmentation offload leaves the total length 0.
  const total = uint16(ip, 2) || ip.length;
  return tcpSegment(ip.subarray(head), total - head, ip.subarray(12, 16), ip.subarray(16, 20));
}

function fromIpv6(ip: Uint8Array): TcpSegment | undefined {
  if (ip.length < 40) return undefined;
  const total = 40 + (uint16(ip, 4) || ip.length - 40);
  let next = ip[6]!;
  let at = 40;
  // Hop-by-hop options, routing, destination options.
  while (next === 0 || next === 43 || next === 60) {
    if (at + 2 > ip.length) return undefined;
    next = ip[at]!;
    at += 8 * (ip[at + 1]! + 1);
  }
  if (next !== tcp) return undefined;
  return tcpSegment(ip.subarray(at), total - at, ip.subarray(8, 24), ip.subarray(24, 40));
}

function tcpSegment(
  bytes: Uint8Array,
  total: number,
  from: Uint8Array,
  to: Uint8Array,
): TcpSegment | undefined {
  if (bytes.length < 20) return undefined;
  const head = (bytes[12]! >> 4) * 4;
  if (head < 20 || total < head) return undefined;
  const flags = bytes[13]!;
  const sourcePort = uint16(bytes, 0);
  const destinationPort = uint16(bytes, 2);
  return {
    source: endpoint(from, bytes, 0),
    destination: endpoint(to, bytes, 2),
    sourcePort,
    destinationPort,
    sequence: uint32(bytes, 4),
    acknowledged: flags & 0x10 ? uint32(bytes, 8) : undefined,
    syn: (flags & 0x02) !== 0,
    fin: (flags & 0x01) !== 0,
    reset: (flags & 0x04) !== 0,
    urgent: (flags & 0x20) !== 0,
    // Beyond the total there may be padding of short Ethernet frames.
    payload: bytes.subarray(head, total),
    length: total - head,
  };
}

/** One allocation for each end of each packet; the text is made when a connection is new. */
function endpoint(address: Uint8Array, segment: Uint8Array, portAt: number): string {
  const port = String.fromCharCode(segment[portAt]!, segment[portAt + 1]!);
  if (address.length === 4)
    return String.fromCharCode(address[0]!, address[1]!, address[2]!, address[3]!) + port;
  return String.fromCharCode(...address) + port;
}

/** `HOST:PORT`, IPv6 in brackets. */
export function endpointText(endpoint: string): string {
  const bytes = Uint8Array.from(endpoint, (char) => char.charCodeAt(0));
  const port = uint16(bytes, bytes.length - 2);
  return bytes.length === 6 ? `${ipv4Text(bytes, 0)}:${port}` : `[${ipv6Text(bytes, 0)}]:${port}`;
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((uint16(bytes, at) << 16) | uint16(bytes, at + 2)) >>> 0;
}

function ipv4Text(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/** As RFC 5952 writes it: lower case, the longest run of zeros (of two or more) as `::`. */
function ipv6Text(bytes: Uint8Array, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => uint16(bytes, at + 2 * i));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `::ffff:${ipv4Text(bytes, at + 12)}`;
  let best = { from: 0, length: 1 };
  for (let from = 0; from < 8; from++) {
    let length = 0;
    while (from + length < 8 && groups[from + length] === 0) length++;
    if (length > best.length) best = { from, length };
  }
  const text = groups.map((group) => group.toString(16));
  if (best.length < 2) return text.join(":");
  return `${text.slice(0, best.from).join(":")}::${text.slice(best.from + best.length).join(":")}`;
}
