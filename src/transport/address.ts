import { isIP, isIPv4 } from "node:net";

/** One end of a connection. */
export interface SocketAddress {
  /** An IP address without brackets; an IPv4 address is never written as IPv4-mapped IPv6. */
  readonly host: string;
  readonly port: number;
}

/** The address as Go prints it: `10.0.0.7:6783`, `[fd00::1]:6783`. Source: Go, net, (*TCPAddr).String. */
export function formatAddress(address: SocketAddress): string {
  return joinHostPort(address.host, address.port);
}

/** Host and port in one text, the host in brackets if it contains a colon. Source: Go, net, JoinHostPort. */
export function joinHostPort(host: string, port: number | string): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * An IP address as Go prints it: IPv6 in lower case with its longest run of zeros as `::`, IPv4-mapped IPv6 as IPv4,
 * a zone kept. Undefined if the text is not an IP address. Source: Go, net, ParseIP and (IP).String.
 */
export function canonicalIp(text: string): string | undefined {
  const version = isIP(text);
  if (version === 4) return text;
  if (version === 0) return undefined;
  const percent = text.indexOf("%");
  const [ip, zone] = percent < 0 ? [text, ""] : [text.slice(0, percent), text.slice(percent)];
  // URL writes it as Go does, but for an IPv4-mapped address, which it leaves in hex.
  const canonical = new URL(`http://[${ip}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (mapped === null) return canonical + zone;
  const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** Whether a host to listen on or to dial from leaves the address to the system: `""`, `0.0.0.0`, `::`. */
export function isWildcard(host: string): boolean {
  return host === "" || host === "0.0.0.0" || host === "::";
}

/** Whether an address, in canonical form, stays within the machine: 127.0.0.0/8 and ::1. */
export function isLoopback(host: string): boolean {
  return host === "::1" || (isIPv4(host) && host.startsWith("127."));
}
