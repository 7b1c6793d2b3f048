import type { PeerName } from "../peer-name.ts";
import { type ConnectionRecord, Peer } from "./peer.ts";

/** The initial state of our own peer. */
export interface LocalPeerInit {
  name: PeerName;
  nickName: string;
  /** A fresh one for each start (`randomPeerUid`): peers ignore a restarted peer with its old UID and a lower version. */
  uid: bigint;
  shortId: number;
}

/**
 * Our own peer: a record with a version that grows by one with each change, which is how others tell news from old.
 *
 * Nothing here announces a change or recalculates anything; that is the caller's, after the change.
 *
 * Source: local_peer.go, `localPeer`, as far as it is state.
 */
export class LocalPeer extends Peer {
  readonly #connections = new Map<PeerName, ConnectionRecord>();
  #revision = 0;

  constructor(init: LocalPeerInit) {
    super(init);
    this.connections = this.#connections;
  }

  /** Grows whenever connections come, go or become established; for those who keep something derived from them. */
  get revision(): number {
    return this.#revision;
  }

  /** Puts a connection in the table, in place of any other to the same peer. */
  addConnection(connection: ConnectionRecord): void {
    this.#connections.set(connection.remote.name, connection);
    this.#changed();
  }

  /** Takes the connection to this connection's peer out of the table. */
  deleteConnection(connection: ConnectionRecord): void {
    this.#connections.delete(connection.remote.name);
    this.#changed();
  }

  /** Takes note that a connection, which says so itself, has become established. */
  connectionEstablished(_connection: ConnectionRecord): void {
    this.#changed();
  }

  /** Takes another short ID. To be called by Peers, which keeps the table of short IDs. */
  setShortId(shortId: number): void {
    this.shortId = shortId;
    this.#countVersion();
  }

  /**
   * Goes beyond the version that an earlier run of ours had, if ours is not already: so that news of us is taken for newer.
   * Returns whether the version changed.
   */
  setVersionBeyond(version: bigint): boolean {
    if (version < this.version) return false;
    this.version = BigInt.asUintN(64, version + 1n);
    return true;
  }

  #changed(): void {
    this.#revision++;
    this.#countVersion();
  }

  #countVersion(): void {
    this.version = BigInt.asUintN(64, this.version + 1n);
  }
}
