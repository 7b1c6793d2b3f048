/**
 * Where bytes, time and chance come from: {@link Transport} over TCP or in memory, {@link Clock} real or virtual,
 * {@link Random} of the system or seeded. Nothing else in the mesh opens a socket, sets a timer or draws a number.
 */
export {
  canonicalIp,
  formatAddress,
  isLoopback,
  isWildcard,
  joinHostPort,
  type SocketAddress,
} from "./address.ts";
export { type Clock, systemClock, type Timer } from "./clock.ts";
export {
  closedError,
  eofError,
  type SocketEnds,
  TransportError,
  type TransportErrorCode,
  type TransportErrorOptions,
  type TransportOperation,
  timeoutError,
} from "./errors.ts";
export { type HostPort, splitHostPort, splitTarget, type TargetParts } from "./host-port.ts";
export type { LinkOptions } from "./memory-link.ts";
export { MemoryNetwork, type MemoryNetworkOptions, type MemoryTraffic } from "./memory-network.ts";
export { type Random, seededRandom, systemRandom } from "./random.ts";
export { tcpTransport } from "./tcp.ts";
export type {
  DialOptions,
  Listener,
  ListenOptions,
  ResolveOptions,
  Socket,
  SocketHandlers,
  Transport,
} from "./transport.ts";
export { VirtualClock } from "./virtual-clock.ts";
