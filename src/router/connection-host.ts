import type { SharedBudget } from "../gossip/index.ts";
import type { Flavour, PeerName } from "../peer-name.ts";
import type { Peers } from "../topology/index.ts";
import type { Clock, Random, Socket } from "../transport/index.ts";
import type { FrameTap } from "./frame-tap.ts";
import type { HeldConnections } from "./held-connections.ts";
import type { IncompleteMessages } from "./incomplete-messages.ts";
import type { Overlay } from "./overlay.ts";
import type { TrustedSubnets } from "./trusted-subnets.ts";
import type { UnprovedConnections } from "./unproved-connections.ts";

/** The router as its connections see it. */
export interface ConnectionHost<Connection = unknown> {
  readonly peers: Peers;
  readonly flavour: Flavour;
  readonly clock: Clock;
  readonly random: Random;
  readonly overlay: Overlay;
  readonly trustedSubnets: TrustedSubnets;
  readonly protocolMinVersion: number;
  readonly protocolMaxVersion: number;
  /** undefined: plain; several: any of them is accepted, the first is used when dialling. */
  readonly password: Uint8Array | readonly Uint8Array[] | undefined;
  readonly onFrame: FrameTap | undefined;
  /** The bytes that may wait for all connections together. */
  readonly backlog: SharedBudget;
  readonly unproved: UnprovedConnections;
  readonly incomplete: IncompleteMessages;
  readonly held: HeldConnections;
  /** Counts connections, from 1. */
  nextConnectionNumber(): number;
  log(message: string): void;
  /** Whether nobody reads what is logged. */
  readonly silent: boolean;
  /** Logs what the original never says. */
  warn(message: string): void;
  /** Reports an error that has no caller to go to. */
  report(error: unknown): void;

  /** Whether a connection that has not proved itself must be held, because a proved one leads to the same peer. */
  contends(name: PeerName): boolean;
  /** Called when a connection that was added has proved itself afterwards. */
  connectionProved(connection: Connection): void;
  /** @throws RouterError `duplicate-connection`, `connection-limit` */
  addConnection(connection: Connection, restarted: boolean): void;
  connectionEstablished(connection: Connection): void;
  deleteConnection(connection: Connection): void;
  /** For the connection maker. */
  connectionCreated(connection: Connection): void;
  connectionTerminated(connection: Connection, error: Error): void;
  /**
   * Handles a gossip message (tags 4 to 6); `body` is the message after the tag. The connection is not to be read while a
   * promise is pending, and ends with what is thrown.
   */
  deliver(tag: number, body: Uint8Array, from: Connection): void | Promise<void>;
}

/** The socket of a connection and how it came about. */
export interface LocalConnectionOptions {
  readonly socket: Socket;
  readonly outbound: boolean;
  /** The target that was dialled, as the connection maker knows it; undefined for an inbound connection. */
  readonly target: string | undefined;
  /** Whether the remote peer may be unknown to us; false for an address that was discovered. */
  readonly acceptNewPeer: boolean;
}
