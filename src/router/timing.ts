/** The original's constants of time (router.go, protocol.go, peers.go, local_peer.go, routes.go), in milliseconds. */

/** A heartbeat goes out this often, whatever else is sent. */
export const heartbeatIntervalMs = 30_000;
/** A message must come in whole within this time; also the time for a handshake once its header is there. */
export const readTimeoutMs = 2 * heartbeatIntervalMs;
/** Time for the exchange of headers. */
export const headerTimeoutMs = 10_000;
/** Changes of the local peer are announced together, this long after the first. */
export const announcementDelayMs = 1_000;
/** Requests to recalculate the routes are put off this long and shared. */
export const recalculationDelayMs = 100;
/** Unreachable peers are collected this long after a topology update. */
export const collectionDelayMs = 1_000;
/** Each channel tells random neighbours everything this often, unless configured otherwise. */
export const defaultGossipIntervalMs = 30_000;
