/**
 * Where bytes, time and chance come from: {@link Transport} over TCP or in memory, {@link Clock} real or virtual,
 * {@link Random} of the system or seeded. Nothing else in the mesh opens a socket, sets a timer or draws a number.
 */
export { formatAddress, joinHostPort, type SocketAddress } from "./address.ts";
export { type Clock, systemClock, type Timer } from "./clock.ts";
export { TransportError, type TransportErrorCode } from "./errors.ts";
export { type Random, seededRandom, systemRandom } from "./random.ts";
export type { DialOptions, Listener, ListenOptions, Socket, SocketHandlers, Transport } from "./transport.ts";
export { VirtualClock } from "./virtual-clock.ts";
