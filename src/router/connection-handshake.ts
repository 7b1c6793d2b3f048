import type { Socket } from "../transport/index.ts";
import {
  type Features,
  Handshake,
  HandshakeError,
  parseFeatures,
  type RemoteIdentity,
  type Session,
} from "../wire/index.ts";
import type { ConnectionHost } from "./connection-host.ts";
import type { Deadline } from "./deadline.ts";
import type { ConnectionTap } from "./frame-tap.ts";
import { random64 } from "./options.ts";
import { headerTimeoutMs, readTimeoutMs } from "./timing.ts";

/** What a handshake needs to know of its connection. */
export interface ConnectionHandshakeOptions {
  readonly outbound: boolean;
  /** Whether we trust the remote's address, which our features say. */
  readonly trusted: boolean;
  /** The connection's, which ends in `interrupted`; none is set any more after the handshake. */
  readonly deadline: Deadline;
  done(session: Session): void;
  failed(error: Error): void;
  readonly tap: ConnectionTap | undefined;
}

/**
 * Runs a handshake over a socket, with the original's time limits: 10 s for the header, then 60 s for all the rest
 * (protocol.go, doIntro).
 */
export class ConnectionHandshake {
  /** Our part of the connection's unique identifier. */
  readonly connectionId: bigint;
  readonly #host: ConnectionHost;
  readonly #socket: Socket;
  readonly #options: ConnectionHandshakeOptions;
  readonly #handshake: Handshake;
  #phase: "header" | "key" | "features" = "header";

  constructor(host: ConnectionHost, socket: Socket, options: ConnectionHandshakeOptions) {
    this.#host = host;
    this.#socket = socket;
    this.#options = options;
    this.connectionId = random64(host.random);
    this.#handshake = new Handshake({
      minVersion: host.protocolMinVersion,
      maxVersion: host.protocolMaxVersion,
      features: this.#features(),
      outbound: options.outbound,
      randomBytes: (length) => host.random.bytes(length),
      ...(host.password === undefined ? {} : { password: host.password }),
      ...(options.tap && { tap: options.tap }),
    });
  }

  /** The memory that received bytes keep alive, in bytes. */
  get heldBytes(): number {
    return this.#handshake.heldBytes;
  }

  /** The part that is awaited, or in which the handshake failed. */
  get phase(): "header" | "key" | "features" {
    return this.#phase;
  }

  /** Sends the header. */
  start(): void {
    this.#socket.write(this.#handshake.start());
    this.#options.deadline.set(headerTimeoutMs);
  }

  /** Takes received bytes; ends in `done` or `failed`. */
  data(chunk: Uint8Array): void {
    let session: Session | undefined;
    try {
      const result = this.#handshake.push(chunk);
      for (const bytes of result.write) this.#socket.write(bytes);
      session = result.session;
    } catch (error) {
      this.#options.deadline.cancel();
      if (error instanceof HandshakeError) {
        this.#phase = error.phase;
        for (const bytes of error.write) this.#socket.write(bytes);
      }
      this.#options.failed(error as Error);
      return;
    }
    if (session !== undefined) {
      this.#options.deadline.suspend();
      this.#options.done(session);
      return;
    }
    const before = this.#phase;
    this.#notePhase();
    if (before === "header" && this.#phase !== "header") this.#options.deadline.set(readTimeoutMs);
  }

  /** The other side has closed the connection. */
  end(): void {
    this.interrupted(undefined);
  }

  /** Reading has failed. */
  interrupted(cause: Error | undefined): void {
    this.#options.deadline.cancel();
    try {
      this.#handshake.end(cause);
    } catch (error) {
      this.#options.failed(error as Error);
    }
  }

  /** Who the other side says it is. @throws HandshakeError */
  identify(session: Session): RemoteIdentity {
    return parseFeatures(session.features, this.#host.flavour);
  }

  #notePhase(): void {
    const { phase } = this.#handshake;
    if (phase !== "done" && phase !== "failed") this.#phase = phase;
  }

  /** What we say of ourselves (connection.go, makeFeatures). */
  #features(): Features {
    const { peers, flavour, overlay } = this.#host;
    const { ourself } = peers;
    const features: Features = new Map([
      ["PeerNameFlavour", flavour],
      ["Name", ourself.name],
      ["NickName", ourself.nickName],
      ["ShortID", String(ourself.shortId)],
      ["UID", String(ourself.uid)],
      ["ConnID", String(this.connectionId)],
      ["Trusted", String(this.#options.trusted)],
    ]);
    overlay.addFeatures(features);
    return features;
  }
}
