import { isIPv4 } from "node:net";
import { canonicalIp, isLoopback, isWildcard, type SocketAddress } from "./address.ts";
import { listenError, lookupError, type TransportError } from "./errors.ts";
import type { Line } from "./memory-link.ts";
import type { MemorySocket } from "./memory-socket.ts";
import type { Listener, Socket } from "./transport.ts";

/** The range from which Linux takes the ports of outgoing connections. */
const firstEphemeralPort = 32768;
const lastEphemeralPort = 60999;

/** Somebody listening on a host. */
export interface MemoryListener {
  /** As it was bound; wildcards are `::`. */
  readonly address: SocketAddress;
  readonly accept: (socket: Socket) => void;
}

/** One machine of a {@link MemoryNetwork}: its addresses, its open ports, its connections. */
export class MemoryHost {
  /** Its own addresses, loopback aside. */
  readonly addresses: Set<string>;
  readonly sockets = new Set<MemorySocket>();
  /** By which all that it sends to others leaves. */
  readonly uplink: Line;
  /** Counts crashes: what was started before the last one has no way to the network any more. */
  life = 0;
  private readonly listeners = new Set<MemoryListener>();
  private nextPort = firstEphemeralPort;

  constructor(addresses: Iterable<string>, uplink: Line) {
    this.addresses = new Set(addresses);
    this.uplink = uplink;
  }

  has(address: string): boolean {
    return this.addresses.has(address) || isLoopback(address);
  }

  /** The address that it dials from by itself; undefined if it has none of the family. */
  sourceFor(remote: string): string | undefined {
    if (isLoopback(remote)) return isIPv4(remote) ? "127.0.0.1" : "::1";
    if (this.addresses.has(remote)) return remote;
    return [...this.addresses].find((address) => isIPv4(address) === isIPv4(remote));
  }

  listenerAt(address: SocketAddress): MemoryListener | undefined {
    for (const listener of this.listeners) {
      const { host, port } = listener.address;
      if (port === address.port && (host === "::" || host === address.host)) return listener;
    }
    return undefined;
  }

  /** A free port for an outgoing connection, or for a listener that does not mind; undefined if all are taken. */
  freePort(): number | undefined {
    const taken = new Set([...this.sockets].map(({ localAddress }) => localAddress.port));
    for (const { address } of this.listeners) taken.add(address.port);
    for (let port = firstEphemeralPort; port <= lastEphemeralPort; port++) {
      const candidate = this.nextPort++;
      if (this.nextPort > lastEphemeralPort) this.nextPort = firstEphemeralPort;
      if (!taken.has(candidate)) return candidate;
    }
    return undefined;
  }

  listen(host: string, port: number, accept: (socket: Socket) => void): Listener {
    const bound = isWildcard(host) ? "::" : host;
    if (bound !== "::" && !this.has(bound)) throw listenError(host, port, "EADDRNOTAVAIL");
    const chosen = port === 0 ? this.freePort() : port;
    if (chosen === undefined || this.isTaken(bound, chosen)) throw listenError(host, port, "EADDRINUSE");
    const listener = { address: { host: bound, port: chosen }, accept };
    this.listeners.add(listener);
    return {
      address: listener.address,
      close: () => {
        this.listeners.delete(listener);
        return Promise.resolve();
      },
    };
  }

  private isTaken(host: string, port: number): boolean {
    for (const { address } of this.listeners) {
      if (address.port === port && (host === "::" || address.host === "::" || address.host === host))
        return true;
    }
    return false;
  }

  /** Ends everything that runs on it, as when its processes are killed. */
  crash(): void {
    this.life++;
    this.listeners.clear();
    for (const socket of [...this.sockets]) socket.abandon();
    this.sockets.clear();
  }
}

/** The names of a network, for `resolve`. */
export class MemoryNames {
  private readonly names = new Map<string, readonly string[]>([["localhost", ["127.0.0.1"]]]);

  set(name: string, addresses: readonly string[]): void {
    if (addresses.length === 0) this.names.delete(name);
    else this.names.set(name, addresses.map(requireIp));
  }

  /** @throws TransportError "resolve" */
  resolve(host: string): string[] {
    const ip = canonicalIp(host);
    if (ip !== undefined) return [ip];
    const addresses = this.names.get(host);
    if (addresses === undefined) throw lookupError(host) satisfies TransportError;
    return [
      ...addresses.filter((address) => isIPv4(address)),
      ...addresses.filter((address) => !isIPv4(address)),
    ];
  }
}

/** The address in canonical form, or a RangeError: the test that names it is wrong. */
export function requireIp(text: string): string {
  const ip = canonicalIp(text);
  if (ip === undefined) throw new RangeError(`host ${JSON.stringify(text)}: not an IP address`);
  return ip;
}
