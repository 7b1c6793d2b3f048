import type { PeerName } from "../peer-name.ts";

/** A connection that can be held. */
export interface HoldableConnection {
  /** Goes on with a connection that was held, because there is no other connection to the peer any more. */
  releaseHold(): void;
}

/**
 * The connections that are held: each claims to come from a peer to which a proved connection exists, and has not
 * proved itself. Nothing else knows of them. Their number is bounded with that of all unproved connections.
 */
export class HeldConnections {
  readonly #byName = new Map<PeerName, Set<HoldableConnection>>();

  /** Adds a connection. */
  add(name: PeerName, connection: HoldableConnection): void {
    const held = this.#byName.get(name);
    if (held === undefined) this.#byName.set(name, new Set([connection]));
    else held.add(connection);
  }

  /** Removes a connection; has no effect on one that is not held. */
  remove(name: PeerName, connection: HoldableConnection): void {
    const held = this.#byName.get(name);
    if (held?.delete(connection) && held.size === 0) this.#byName.delete(name);
  }

  /** The connection that has been held longest for a peer. */
  oldest(name: PeerName): HoldableConnection | undefined {
    return this.#byName.get(name)?.values().next().value;
  }
}
