import type { PeerName } from "../peer-name.ts";
import type { Session } from "../wire/index.ts";
import type { ConnectionHost } from "./connection-host.ts";
import type { Deadline } from "./deadline.ts";
import { closedByPeer, toError } from "./errors.ts";
import type { HoldableConnection } from "./held-connections.ts";
import { readTimeoutMs } from "./timing.ts";
import type { UnprovedConnection, UnprovedShare } from "./unproved-connections.ts";

/** The connection as its proof sees it. */
export interface ProvingConnection extends UnprovedConnection {
  /** The memory that the connection holds for what it has received and not yet sent, in bytes. */
  readonly heldBytes: number;
  /** The connection's deadline. None is set during a hold but the hold's own. */
  readonly deadline: Deadline;
}

/**
 * The time during which the other side of a connection has not proved that it knows the password: the connection's share
 * of the budgets, and the hold.
 *
 * The features of version 1 are not sealed. Anybody can send the name of another peer, and a ConnID that wins every tie.
 * So a version 1 connection that contends with a proved connection to the same peer is held: neither added nor reset,
 * without any effect on what is shared. If it opens a sealed message, it is proved, and the tie decides as in Go. If its
 * rival ends first, it goes on, still unproved. Otherwise it ends with the read deadline. The wait is short with an honest
 * peer: both sides know the same two connections, and a Go peer resets the one that loses and sends its topology on the
 * other.
 */
export class ConnectionProof implements HoldableConnection {
  readonly #host: ConnectionHost;
  readonly #connection: ProvingConnection;
  #share: UnprovedShare | undefined;
  #proved = false;
  #ended = false;
  #hold: { readonly session: Session; readonly name: PeerName; proceed(): void } | undefined;

  constructor(host: ConnectionHost, connection: ProvingConnection) {
    this.#host = host;
    this.#connection = connection;
  }

  /** Whether the other side has proved itself. */
  get given(): boolean {
    return this.#proved;
  }

  /** Whether the connection is held. */
  get holding(): boolean {
    return this.#hold !== undefined;
  }

  /** Counts the connection in the budgets, which may shut it down. */
  start(): void {
    this.#share = this.#host.unproved.add(this.#connection);
  }

  /** Counts the memory that the connection holds now. To be called when it has changed. */
  weigh(): void {
    this.#share?.hold(this.#connection.heldBytes);
  }

  /** Takes note of the proof. */
  give(): void {
    if (this.#proved) return;
    this.#proved = true;
    this.#share?.release();
    this.#share = undefined;
  }

  /** Calls `proceed` as soon as the connection may compete for the peer's place in our table: mostly at once. */
  whenAdmissible(session: Session, name: PeerName, proceed: () => void): void {
    if (session.proved) this.give();
    if (this.#proved || !this.#host.contends(name)) {
      proceed();
      return;
    }
    this.#hold = { session, name, proceed };
    this.#host.held.add(name, this);
    this.#host.log(`->[${this.#connection.remoteAddress}] connection held until its peer proves itself`);
    this.#connection.deadline.set(readTimeoutMs);
    this.read(false);
  }

  /** During a hold: looks for the message that proves the other side. `finished`: no more bytes will come. */
  read(finished: boolean): void {
    const hold = this.#hold;
    if (hold === undefined || this.#ended) return;
    try {
      if (hold.session.prove()) {
        this.give();
        this.releaseHold();
      } else if (finished) {
        this.#connection.shutdown(
          hold.session.incoming.end() ?? closedByPeer(this.#connection.remoteAddress),
        );
      }
    } catch (error) {
      this.#connection.shutdown(toError(error));
    }
  }

  releaseHold(): void {
    const hold = this.#hold;
    if (hold === undefined || this.#ended) return;
    this.#endHold(hold.name);
    this.#connection.deadline.suspend();
    try {
      hold.proceed();
    } catch (error) {
      this.#connection.shutdown(toError(error));
    }
  }

  /** The connection is ending. */
  end(): void {
    this.#ended = true;
    this.#share?.release();
    this.#share = undefined;
    if (this.#hold !== undefined) this.#endHold(this.#hold.name);
  }

  #endHold(name: PeerName): void {
    this.#hold = undefined;
    this.#host.held.remove(name, this);
  }
}
