import type { Peer } from "../topology/index.ts";
import type { SocketAddress } from "../transport/index.ts";
import type { Features } from "../wire/index.ts";

/**
 * A data path beside the mesh's own connections, such as Weave Net's: the seam that the original calls Overlay
 * (overlay.go). The router tells it of every connection; the overlay says when its part of one works.
 */
export interface Overlay {
  /** Adds the overlay's own features to those that we are about to send. */
  addFeatures(features: Features): void;
  /** Prepares the overlay's part of a connection, which stays passive until `confirm`. A throw ends the connection. */
  prepare(params: OverlayConnectionParams): OverlayConnection | Promise<OverlayConnection>;
  /** What Status shows under `OverlayDiagnostics`: anything that JSON can hold. */
  diagnostics(): unknown;
  /** The router stops. */
  stop(): void;
}

/** What an overlay is told of a connection (the original's OverlayConnectionParams). */
export interface OverlayConnectionParams {
  readonly remotePeer: Peer;
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  readonly outbound: boolean;
  /** Unique identifier of the connection, the same on both sides. */
  readonly connectionUid: bigint;
  /**
   * The session key, 32 bytes, if there is a password and the two do not trust each other; a copy, the overlay's to
   * keep. The connection's own nonces have bit 6 of their first byte set; an overlay must keep clear of these.
   */
  readonly sessionKey: Uint8Array | undefined;
  /** The features that the other side sent. */
  readonly features: ReadonlyMap<string, string>;
  /** Sends a control message to the counterpart; `tag` is 7, or 1 to 3 as in old overlays. */
  sendControlMessage(tag: number, message: Uint8Array): void;
}

/** An overlay's part of one connection (the original's OverlayConnection). */
export interface OverlayConnection {
  /** The connection is wanted (it is in our table): the overlay may begin to use it. */
  confirm(): void;
  /** Settles when the overlay has found its path to work; the connection then counts as established. */
  readonly established: Promise<void>;
  /** Settles with an error when the overlay gives up, which ends the connection. May never settle. */
  readonly failed: Promise<Error>;
  /** A control message from the counterpart. */
  control(tag: number, message: Uint8Array): void;
  /** The overlay's name (`name`) and whatever else users may want to see in Status; undefined for nothing. */
  attributes(): Record<string, unknown> | undefined;
  /** The connection has ended. */
  stop(): void;
}

/** The overlay that does nothing: connections are established as soon as they are confirmed. */
export const nullOverlay: Overlay = {
  addFeatures() {},
  prepare: () => new NullOverlayConnection(),
  diagnostics: () => null,
  stop() {},
};

/** One for each connection, as what waits for a promise that never settles lives as long as the promise. */
class NullOverlayConnection implements OverlayConnection {
  readonly established = Promise.resolve();
  readonly failed = new Promise<Error>(() => {});
  confirm(): void {}
  control(): void {}
  attributes(): undefined {}
  stop(): void {}
}
