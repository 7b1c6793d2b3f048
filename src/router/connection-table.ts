import type { PeerName } from "../peer-name.ts";
import type { LocalPeer, Peer, Peers, Routes } from "../topology/index.ts";
import { RouterError } from "./errors.ts";
import type { HeldConnections } from "./held-connections.ts";
import type { LocalConnection } from "./local-connection.ts";

/** The router as the table sees it. */
export interface ConnectionTableHost {
  readonly ourself: LocalPeer;
  readonly peers: Peers;
  readonly routes: Routes;
  /** The limit of connections in the table; 0 is no limit. */
  readonly connectionLimit: number;
  readonly held: HeldConnections;
  /** Sends the new neighbour the complete state of each channel. */
  sendEverythingDown(connection: LocalConnection): void;
  /** Asks for a recalculation of the routes. */
  recalculateRoutes(): void;
  /** Announces ourselves, and the peers given, to the mesh. */
  announce(...peers: Peer[]): void;
}

/**
 * Our connections, at most one to each peer, and the changes to the mesh when one is added, established or deleted: the
 * part of the original's localPeer that handles connections (local_peer.go).
 *
 * A sealed version 1 connection comes unproved: anybody can open one, under any name. Until it is proved it keeps no
 * proved connection out. A proved one takes its place when the limit is reached, or when it has the same peer and another
 * version, since an honest peer uses one version. Of an unproved connection that dialled us the complete state is
 * withheld.
 */
export class ConnectionTable {
  readonly #host: ConnectionTableHost;
  readonly #byName = new Map<PeerName, LocalConnection>();
  /** The connections that have not proved themselves, oldest first, and whether they are owed the complete state. */
  readonly #unproved = new Map<LocalConnection, boolean>();

  constructor(host: ConnectionTableHost) {
    this.#host = host;
  }

  /** Our connection to a peer. */
  get(name: PeerName): LocalConnection | undefined {
    return this.#byName.get(name);
  }

  /** Checks the limit before dialling. @throws RouterError `connection-limit` if proved connections reach it */
  checkLimit(): void {
    const limit = this.#host.connectionLimit;
    if (limit !== 0 && this.#byName.size - this.#unproved.size >= limit) throw this.#limitError();
  }

  /** Whether an unproved connection to a peer must be held, because there is a proved one. */
  contends(name: PeerName): boolean {
    return this.#byName.get(name)?.proved === true;
  }

  /**
   * Adds a connection after its handshake. If there is one to the same peer already, the tie decides which of the two
   * stays, the same on both sides.
   *
   * @throws RouterError `duplicate-connection` if the new one has to go, `connection-limit`
   */
  add(connection: LocalConnection, restarted: boolean): void {
    const { ourself, routes } = this.#host;
    const { remote } = connection;
    this.#breakTie(connection);
    this.#makePlace(connection);
    // Determined before the connection is added, so that it does not count.
    const reachable = routes.unicast(remote.name) !== undefined;
    this.#byName.set(remote.name, connection);
    ourself.addConnection(connection);
    if (restarted) connection.log("connection added (restarted peer)");
    else if (reachable) connection.log("connection added");
    else connection.log("connection added (new peer)");
    const owed = restarted || !reachable;
    const withheld = !connection.proved && !connection.outbound;
    if (!connection.proved) this.#unproved.set(connection, owed && withheld);
    if (owed && !withheld) this.#host.sendEverythingDown(connection);
    this.#host.recalculateRoutes();
    this.#host.announce(remote);
  }

  /** Takes note that a connection has proved itself, and sends it the complete state if that was withheld. */
  proved(connection: LocalConnection): void {
    const owed = this.#unproved.get(connection);
    this.#unproved.delete(connection);
    if (owed) this.#host.sendEverythingDown(connection);
  }

  /** Announces that a connection is established. Returns false, and ends it, if it is not in the table. */
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
    this.#unproved.delete(connection);
    this.#host.ourself.deleteConnection(connection);
    connection.log("connection deleted");
    // Collection comes first: an update that still held unreachable peers could go round in circles.
    this.#host.peers.garbageCollect();
    this.#host.recalculateRoutes();
    this.#host.announce();
    // Deferred, because the connection that won the tie takes this place in the same turn.
    queueMicrotask(() => {
      if (!this.#byName.has(name)) this.#host.held.oldest(name)?.releaseHold();
    });
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
    // An honest peer uses one version, so that an unproved rival of another version is not the peer whose name it has.
    const impostor = connection.proved && !rival.proved && rival.version !== connection.version;
    if (!impostor && rival.uid < connection.uid) throw duplicate;
    rival.shutdown(duplicate);
    this.delete(rival);
    // Equal numbers have no winner on either side: both connections go.
    if (!impostor && rival.uid === connection.uid) throw duplicate;
  }

  /** Checks the limit. A proved connection takes the place of the one that has been unproved longest. */
  #makePlace(connection: LocalConnection): void {
    const limit = this.#host.connectionLimit;
    if (limit === 0 || this.#byName.size < limit) return;
    const unproved = connection.proved ? this.#unproved.keys().next().value : undefined;
    if (unproved === undefined) throw this.#limitError();
    unproved.shutdown(this.#limitError());
    this.delete(unproved);
  }

  #limitError(): RouterError {
    return new RouterError("connection-limit", `Connection limit reached (${this.#host.connectionLimit})`);
  }
}
