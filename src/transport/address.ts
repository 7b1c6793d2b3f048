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
