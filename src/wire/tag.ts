/**
 * The first byte of every message: what kind it is. 1 to 3 are the overlay control messages of old versions, 7 is
 * today's; all four go to the overlay together with their tag. Unknown tags and empty messages are logged and
 * ignored.
 *
 * Source: protocol.go, `ProtocolHeartbeat` to `ProtocolOverlayControlMsg`.
 */
export const Tag = {
  heartbeat: 0,
  reserved1: 1,
  reserved2: 2,
  reserved3: 3,
  gossip: 4,
  unicast: 5,
  broadcast: 6,
  overlayControl: 7,
} as const;

/** One of the eight tags. */
export type Tag = (typeof Tag)[keyof typeof Tag];
