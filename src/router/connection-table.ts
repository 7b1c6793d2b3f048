import type { PeerName } from "../peer-name.ts";
import type { LocalPeer, Peer, Peers, Routes } from "../topology/index.ts";
import { RouterError } from "./errors.ts";
import type { LocalConnection } from "./local-connection.ts";

/** What the table asks of the router. */
export interface ConnectionTableHost {
  readonly ourself: LocalPeer;
  readonly peers: Peers;
  readonly routes: Routes;
  /** The most connections in the table; 0 is no limit. */
  readonly connectionLimit: number;
  /** Tells the new neighbour everything each channel knows. */
  sendEverythingDown(connection: LocalConnection): void;
  /** Asks for a recalculation of the routes. */
  recalculateRoutes(): void;
  /** Announces ourselves, and the peers given, to the mesh. */
  announce(...peers: Peer[]): void;
}

/**
 * Our connections, at most one to each peer, and what follows for the mesh when one comes, is established or goes:
 * the part of the original's localPeer that handles connections (local_peer.go).
 */
export class ConnectionTable {
  readonly #host: ConnectionTableHost;
  readonly #byName = new Map<PeerName, LocalConnection>();

  constructor(host: ConnectionTableHost) {
    this.#host = host;
  }

  /** Our connection to a peer. */
  get(name: PeerName): LocalConnection | undefined {
    return this.#byName.get(name);
  }

  /** @throws RouterError `connection-limit` if there is no room for another. */
  checkLimit(): void {
    const limit = this.#host.connectionLimit;
    if (limit !== 0 && this.#byName.size >= limit) {
      throw new RouterError("connection-limit", `Connection limit reached (${limit})`);
    }
  }

  /**
   * Adds a connection whose handshake is done. If there is one to the same peer already, the tie decides which of the
   * two lives, the same on both sides.
   *
   * @throws RouterError `duplicate-connection` if the new one has to go, `connection-limit`
   */
  add(connection: LocalConnection, restarted: boolean): void {
    const { ourself, routes } = this.#host;
    const { remote } = connection;
    this.#breakTie(connection);
    this.checkLimit();
    // Asked before the connection is added: could we reach the peer without it?
    const reachable = routes.unicast(remote.name) !== undefined;
    this.#byName.set(remote.name, connection);
    ourself.addConnection(connection);
    if (restarted) connection.log("connection added (restarted peer)");
    else if (reachable) connection.log("connection added");
    else connection.log("connection added (new peer)");
    if (restarted || !reachable) this.#host.sendEverythingDown(connection);
    this.#host.recalculateRoutes();
    this.#host.announce(remote);
  }

  /** Makes it known that a connection is established. Returns false, and ends it, if it is not in the table. */
  established(connection: LocalConnection): boolean {
    if (this.#byName.get(connection.remote.name) !== connection) {
      const context = { address: connection.remoteAddress, peer: `${connection.remote}` };
      const text = "Cannot set unknown connection active";
      connection.shutdown(new RouterError("connection-replaced", text, context));
      return false;
    }
    this.#host.ourself.connectionEstablished(connection);
    connection.log("connection fully established");
    this.#host.recalculateRoutes();
    this.#host.announce();
    return true;
  }

  /** Deletes a connection if it is in the table. Returns whether it was. */
  delete(connection: LocalConnection): boolean {
    const { name } = connection.remote;
    if (this.#byName.get(name) !== connection) return false;
    this.#byName.delete(name);
    this.#host.ourself.deleteConnection(connection);
    connection.log("connection deleted");
    // Collection comes first: an update that still held unreachable peers could go round in circles.
    this.#host.peers.garbageCollect();
    this.#host.recalculateRoutes();
    this.#host.announce();
    return true;
  }

  /** All connections of the table. */
  [Symbol.iterator](): IterableIterator<LocalConnection> {
    return this.#byName.values();
  }

  #breakTie(connection: LocalConnection): void {
    const { remote } = connection;
    const rival = this.#byName.get(remote.name);
    if (rival === undefined) return;
    const duplicate = new RouterError(
      "duplicate-connection",
      `Multiple connections to ${remote} added to ${this.#host.ourself}`,
      { address: connection.remoteAddress, peer: `${remote}` },
    );
    if (rival.uid < connection.uid) throw duplicate;
    rival.shutdown(duplicate);
    this.delete(rival);
    // Equal numbers have no winner on either side: both connections go.
    if (rival.uid === connection.uid) throw duplicate;
  }
}
