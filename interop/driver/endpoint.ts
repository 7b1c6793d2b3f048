/** An address at which something listens. */
export interface Endpoint {
  host: string;
  port: number;
}

/** HOST:PORT, with an IPv6 host in brackets. */
export function endpointText({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
