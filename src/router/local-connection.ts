import { type GossipConnection, GossipError, GossipSenders } from "../gossip/index.ts";
import type { Peer } from "../topology/index.ts";
import { formatAddress, type Socket, type Timer, timeoutError } from "../transport/index.ts";
import { type Session, Tag } from "../wire/index.ts";
import { ConnectionHandshake } from "./connection-handshake.ts";
import type { ConnectionHost } from "./connection-host.ts";
import { ConnectionLog } from "./connection-log.ts";
import { Deadline } from "./deadline.ts";
import { closedByPeer, RouterError, toError } from "./errors.ts";
import type { ConnectionEventDetail } from "./events.ts";
import { type ConnectionPhase, explain } from "./explanation.ts";
import { type ConnectionTap, tapFor } from "./frame-tap.ts";
import { MessageReader } from "./message-reader.ts";
import type { OverlayConnection } from "./overlay.ts";
import { checkRemote, registerRemote } from "./remote-peer.ts";
import { heartbeatIntervalMs } from "./timing.ts";

/** What a connection is made of. */
export interface LocalConnectionOptions {
  readonly socket: Socket;
  readonly outbound: boolean;
  /** The target that was dialled, as the connection maker knows it; undefined for an inbound connection. */
  readonly target: string | undefined;
  /** Whether a peer that nobody has told us of is welcome: not at an address that was discovered. */
  readonly acceptNewPeer: boolean;
}

/**
 * Our side of a connection, from the open socket to its end: what the original calls LocalConnection (connection.go).
 *
 * The order of things is the original's: handshake; the remote peer is registered; the overlay prepares; the
 * connection is added to our table; the connection maker hears of it; the overlay is confirmed; only then is the
 * first message read, since without the connection in the table its sender would be collected again. Any error ends
 * the connection: socket, reference, table, overlay, connection maker, in this order.
 */
export class LocalConnection implements GossipConnection {
  readonly remoteAddress: string;
  readonly outbound: boolean;
  readonly target: string | undefined;
  readonly senders: GossipSenders;
  readonly journal: ConnectionLog;
  /** Whether the remote's address lies in one of our trusted subnets. */
  readonly trustRemote: boolean;
  readonly #host: ConnectionHost;
  readonly #socket: Socket;
  readonly #acceptNewPeer: boolean;
  readonly #tap: ConnectionTap | undefined;
  readonly #deadline: Deadline;
  readonly #handshake: ConnectionHandshake;
  readonly #drainWaiters: { resolve(): void; reject(error: Error): void }[] = [];
  #state: "handshake" | "preparing" | "added" | "running" | "ending" | "ended" = "handshake";
  #remote: Peer | undefined;
  #trustedByRemote = false;
  #established = false;
  #uid = 0n;
  #session: Session | undefined;
  #overlay: OverlayConnection | undefined;
  #heartbeat: Timer | undefined;
  #reader: MessageReader | undefined;
  /** The other side finished while the overlay prepared. */
  #remoteFinished = false;
  #socketFull = false;
  #explanation: string | undefined;

  constructor(host: ConnectionHost, options: LocalConnectionOptions) {
    this.#host = host;
    this.#socket = options.socket;
    this.#acceptNewPeer = options.acceptNewPeer;
    this.outbound = options.outbound;
    this.target = options.target;
    this.remoteAddress = formatAddress(options.socket.remoteAddress);
    this.senders = new GossipSenders(this, host.backlog);
    this.journal = new ConnectionLog(host, () => `->[${this.remoteAddress}|${this.#remote}]: `);
    this.trustRemote = host.trustedSubnets.includes(options.socket.remoteAddress.host);
    const { outbound, remoteAddress } = this;
    const connection = host.nextConnectionNumber();
    this.#tap = tapFor(host.onFrame, host.clock, { connection, outbound, remoteAddress });
    this.#deadline = new Deadline(host.clock, () => this.#interrupted(timeoutError("read", this.#socket)));
    this.#handshake = new ConnectionHandshake(host, options.socket, {
      outbound: this.outbound,
      trusted: this.trustRemote,
      deadline: this.#deadline,
      done: (session) => this.#handshakeDone(session),
      failed: (error) => this.shutdown(error),
      tap: this.#tap,
    });
  }

  /** Begins the handshake. */
  start(): void {
    this.#socket.attach({
      data: (chunk) => this.#data(chunk),
      drain: () => this.#drained(),
      end: () => this.#end(),
      closed: (error) => {
        if (error !== undefined) this.#interrupted(error);
        else this.#end();
      },
    });
    this.#handshake.start();
  }

  /** The peer at the other end. Only to be asked for once the handshake has told. */
  get remote(): Peer {
    if (this.#remote === undefined) throw new RouterError("not-running", "the handshake is still under way");
    return this.#remote;
  }

  /** The IP address of the other end. */
  get remoteHost(): string {
    return this.#socket.remoteAddress.host;
  }

  get established(): boolean {
    return this.#established;
  }

  /** The same number on both sides, which settles ties: the lower wins. */
  get uid(): bigint {
    return this.#uid;
  }

  /** Unless each trusts the other: then the overlay gets no session key. The connection itself stays sealed. */
  get untrusted(): boolean {
    return !this.trustRemote || !this.#trustedByRemote;
  }

  /** Once the connection has ended: why the other side has probably ended it, if that can be said. */
  get explanation(): string | undefined {
    return this.#explanation;
  }

  /** For events. */
  describe(): ConnectionEventDetail {
    const remote = this.#remote;
    return {
      peer: remote === undefined ? undefined : { name: remote.name, nickName: remote.nickName },
      address: this.remoteAddress,
      outbound: this.outbound,
    };
  }

  /** What the overlay says of its part of the connection. */
  get overlayAttributes(): Record<string, unknown> | undefined {
    return this.#overlay?.attributes();
  }

  get writable(): boolean {
    return this.#state === "running" && !this.#socketFull;
  }

  get queuedBytes(): number {
    return this.#socket.queuedBytes;
  }

  /** Sends one message. @throws FrameError `frame-too-large`; GossipError `connection-closed` once it is ending. */
  send(tag: number, body: Uint8Array): void {
    if (this.#session === undefined || this.#ending) throw this.#closedError();
    const bytes = this.#session.outgoing.encode(tag, body);
    this.#tap?.("out", "message", Buffer.concat([Uint8Array.of(tag), body]));
    if (!this.#socket.write(bytes)) this.#socketFull = true;
  }

  drained(): Promise<void> {
    if (this.#ending) return Promise.reject(this.#closedError());
    if (!this.#socketFull) return Promise.resolve();
    return new Promise((resolve, reject) => this.#drainWaiters.push({ resolve, reject }));
  }

  /**
   * Ends the connection with an error, which is logged and becomes the target's last error. The first error counts.
   * The end itself comes at the end of the current turn, when whoever found the error has finished.
   */
  shutdown(error: Error): void {
    if (this.#ending) return;
    this.#state = "ending";
    this.#reader?.stop();
    queueMicrotask(() => this.#teardown(error));
  }

  /**
   * Sends what waits, then ends our direction, so that nothing on its way is lost; settles when the other side has
   * ended its own. A connection that is still in its handshake is shut down with `reason`.
   */
  async finish(reason: Error): Promise<void> {
    if (this.#state !== "running") return this.shutdown(reason);
    this.senders.deliver();
    while (!this.senders.empty && !this.#ending) await this.drained().catch(() => {});
    await this.#socket.close();
  }

  /** Logs a line of this connection in the original's form. */
  log(message: string): void {
    this.journal.line(message);
  }

  get #ending(): boolean {
    return this.#state === "ending" || this.#state === "ended";
  }

  #closedError(): GossipError {
    const to = this.#remote ?? this.remoteAddress;
    return new GossipError("connection-closed", "", `connection to ${to} closed`);
  }

  #data(chunk: Uint8Array): void {
    if (this.#ending) return;
    if (this.#state === "handshake") {
      this.#handshake.data(chunk);
      return;
    }
    this.#session?.incoming.push(chunk);
    if (this.#state === "running") this.#reader?.read();
  }

  #end(): void {
    if (this.#ending) return;
    this.#remoteFinished = true;
    if (this.#state === "handshake") this.#handshake.end();
    else if (this.#state === "running") this.#reader?.finish();
  }

  #interrupted(error: Error): void {
    if (this.#state === "handshake") this.#handshake.interrupted(error);
    else this.shutdown(error);
  }

  #drained(): void {
    if (this.#ending) return;
    this.#socketFull = false;
    for (const waiter of this.#drainWaiters.splice(0)) waiter.resolve();
    this.senders.deliver();
  }

  #handshakeDone(session: Session): void {
    this.#state = "preparing";
    this.#session = session;
    try {
      const identity = this.#handshake.identify(session);
      this.#trustedByRemote = identity.trusted;
      this.#uid = this.#handshake.connectionId ^ identity.connId;
      this.#remote = registerRemote(this.#host.peers, identity, this.#acceptNewPeer, this.remoteAddress);
      checkRemote(this.#host.peers.ourself, this.#remote, identity);
      const restarted = this.#remote.uid !== identity.uid;
      this.log(`connection ready; using protocol version ${session.version}`);
      const overlay = this.#host.overlay.prepare({
        remotePeer: this.#remote,
        localAddress: this.#socket.localAddress,
        remoteAddress: this.#socket.remoteAddress,
        outbound: this.outbound,
        connectionUid: this.#uid,
        sessionKey: this.untrusted ? session.sessionKey?.slice() : undefined,
        features: session.features,
        sendControlMessage: (tag, message) => this.send(tag, message),
      });
      if (!(overlay instanceof Promise)) {
        this.#prepared(overlay, restarted);
        return;
      }
      overlay.then(
        (connection) => this.#prepared(connection, restarted),
        (error) => this.shutdown(toError(error)),
      );
    } catch (error) {
      this.shutdown(toError(error));
    }
  }

  #prepared(overlay: OverlayConnection, restarted: boolean): void {
    this.#overlay = overlay;
    if (this.#ending) {
      overlay.stop();
      return;
    }
    this.#state = "added";
    try {
      this.#host.addConnection(this, restarted);
    } catch (error) {
      this.shutdown(toError(error));
      return;
    }
    this.#host.connectionCreated(this);
    try {
      overlay.confirm();
    } catch (error) {
      this.#overlayFailed(error);
      return;
    }
    this.#scheduleHeartbeat();
    overlay.established.then(
      () => this.#overlayEstablished(),
      (error) => this.#overlayFailed(error),
    );
    overlay.failed.then(
      (error) => this.#overlayFailed(error),
      (error) => this.#overlayFailed(error),
    );
    this.#reader = this.#makeReader();
    // After an overlay that is established at once has said so: our first gossip then tells of it, as the original's
    // does, and it is on its way before we read what may end the connection.
    queueMicrotask(() => this.#run());
  }

  #run(): void {
    if (this.#ending) return;
    this.#state = "running";
    this.senders.deliver();
    if (this.#remoteFinished) this.#reader?.finish();
    else this.#reader?.read();
  }

  #overlayEstablished(): void {
    if (this.#ending) return;
    this.#established = true;
    this.#host.connectionEstablished(this);
  }

  #overlayFailed(thrown: unknown): void {
    const cause = toError(thrown);
    const context = { address: this.remoteAddress, peer: `${this.#remote}`, cause };
    this.shutdown(new RouterError("overlay-failed", cause.message, context));
  }

  #scheduleHeartbeat(): void {
    this.#heartbeat = this.#host.clock.setTimeout(() => {
      this.#scheduleHeartbeat();
      this.send(Tag.heartbeat, new Uint8Array(0));
    }, heartbeatIntervalMs);
  }

  #makeReader(): MessageReader {
    return new MessageReader({
      deadline: this.#deadline,
      socket: this.#socket,
      incoming: this.#session!.incoming,
      handle: (message) => this.#handle(message),
      failed: (error) => this.shutdown(error),
      ended: (inMidMessage) => this.shutdown(inMidMessage ?? closedByPeer(this.remoteAddress)),
    });
  }

  #handle(message: Uint8Array): void | Promise<void> {
    this.#tap?.("in", "message", message);
    const tag = message[0];
    switch (tag) {
      case undefined:
        return this.journal.ignored("ignoring blank msg");
      case Tag.heartbeat:
        return;
      case Tag.reserved1:
      case Tag.reserved2:
      case Tag.reserved3:
      case Tag.overlayControl:
        return this.#overlay?.control(tag, message.subarray(1));
      case Tag.gossip:
      case Tag.unicast:
      case Tag.broadcast:
        return this.#host.deliver(tag, message.subarray(1), this);
      default:
        return this.journal.ignored(`ignoring unknown protocol tag: ${tag}`);
    }
  }

  get #phase(): ConnectionPhase {
    return this.#session === undefined
      ? this.#handshake.phase
      : (this.#reader?.count ?? 0) > 0
        ? "running"
        : "first-message";
  }

  #teardown(error: Error): void {
    this.#state = "ended";
    this.journal.flush();
    if (this.#remote === undefined) {
      const text = "connection shutting down due to error during handshake";
      this.#host.log(`->[${this.remoteAddress}] ${text}: ${error.message}`);
    } else {
      this.log(`connection shutting down due to error: ${error.message}`);
    }
    this.#explanation = explain(error, this.#phase);
    if (this.#explanation !== undefined) this.#host.warn(`->[${this.remoteAddress}] ${this.#explanation}`);
    this.#deadline.cancel();
    this.#socket.reset();
    this.#session?.wipe();
    if (this.#remote !== undefined) {
      this.#host.peers.dereference(this.#remote);
      this.#host.deleteConnection(this);
    }
    this.#heartbeat?.cancel();
    try {
      this.#overlay?.stop();
    } catch (error) {
      this.#host.report(error);
    }
    this.senders.close();
    for (const waiter of this.#drainWaiters.splice(0)) waiter.reject(this.#closedError());
    this.#host.connectionTerminated(this, error);
  }
}
