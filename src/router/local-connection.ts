import { type GossipConnection, GossipError, GossipSenders } from "../gossip/index.ts";
import type { Peer } from "../topology/index.ts";
import { formatAddress, type Socket, type Timer, timeoutError } from "../transport/index.ts";
import { type RemoteIdentity, type Session, Tag } from "../wire/index.ts";
import { ConnectionHandshake } from "./connection-handshake.ts";
import type { ConnectionHost, LocalConnectionOptions } from "./connection-host.ts";
import { ConnectionLog } from "./connection-log.ts";
import { ConnectionOverlay } from "./connection-overlay.ts";
import { ConnectionProof } from "./connection-proof.ts";
import { Deadline } from "./deadline.ts";
import { DrainWaiters } from "./drain-waiters.ts";
import { closedByPeer, RouterError, toError } from "./errors.ts";
import type { ConnectionEventDetail } from "./events.ts";
import { type ConnectionPhase, type Explanation, explain } from "./explanation.ts";
import { type ConnectionTap, tapFor } from "./frame-tap.ts";
import { dispatch } from "./message-dispatch.ts";
import { MessageReader } from "./message-reader.ts";
import { checkRemote, registerRemote } from "./remote-peer.ts";
import { heartbeatIntervalMs } from "./timing.ts";

/**
 * Our side of a connection, from the open socket to its end: the original's LocalConnection (connection.go).
 *
 * The order is the original's: handshake; the remote peer is registered; the overlay prepares; the connection is added
 * to our table; the connection maker is told; the overlay is confirmed; only then the first message is read, since
 * without the connection in the table its sender would be collected again. Before the first and the third of these steps
 * an unproved connection may be held ({@link ConnectionProof}). Any error ends the connection: socket, reference, table,
 * overlay, connection maker, in this order.
 */
export class LocalConnection implements GossipConnection {
  readonly remoteAddress: string;
  readonly outbound: boolean;
  readonly target: string | undefined;
  readonly senders: GossipSenders;
  readonly journal: ConnectionLog;
  /** Whether the remote's address lies in one of our trusted subnets. */
  readonly trustRemote: boolean;
  readonly #host: ConnectionHost<LocalConnection>;
  readonly #socket: Socket;
  readonly #acceptNewPeer: boolean;
  readonly #tap: ConnectionTap | undefined;
  readonly deadline: Deadline;
  readonly #handshake: ConnectionHandshake;
  readonly #proof: ConnectionProof;
  readonly #overlay: ConnectionOverlay;
  readonly #drainWaiters = new DrainWaiters();
  #state: "handshake" | "preparing" | "added" | "running" | "ending" | "ended" = "handshake";
  #remote: Peer | undefined;
  #trustedByRemote = false;
  #established = false;
  #uid = 0n;
  #restarted = false;
  #session: Session | undefined;
  #heartbeat: Timer | undefined;
  #reader: MessageReader | undefined;
  /** The other side finished before the first message was read. */
  #remoteFinished = false;
  #socketFull = false;
  #explanation: Explanation | undefined;

  constructor(host: ConnectionHost<LocalConnection>, options: LocalConnectionOptions) {
    this.#host = host;
    this.#socket = options.socket;
    this.#acceptNewPeer = options.acceptNewPeer;
    this.outbound = options.outbound;
    this.target = options.target;
    this.remoteAddress = formatAddress(options.socket.remoteAddress);
    this.senders = new GossipSenders(this, host.backlog);
    this.journal = new ConnectionLog(host, this.remoteAddress, () => this.#remote);
    this.trustRemote = host.trustedSubnets.includes(options.socket.remoteAddress.host);
    const { outbound, remoteAddress } = this;
    const connection = host.nextConnectionNumber();
    this.#tap = tapFor(host.onFrame, host.clock, { connection, outbound, remoteAddress });
    this.deadline = new Deadline(host.clock, () => this.#interrupted(timeoutError("read", this.#socket)));
    this.#handshake = new ConnectionHandshake(host, options.socket, {
      outbound: this.outbound,
      trusted: this.trustRemote,
      deadline: this.deadline,
      done: (session) => this.#handshakeDone(session),
      failed: (error) => this.shutdown(error),
      tap: this.#tap,
    });
    this.#proof = new ConnectionProof(host, this);
    this.#overlay = new ConnectionOverlay(host, {
      prepared: (late) => this.#prepared(late),
      established: () => this.#overlayEstablished(),
      failed: (error, duringPreparation) => this.#overlayFailed(error, duringPreparation),
    });
  }

  /** Begins the handshake. */
  start(): void {
    this.#proof.start();
    if (this.#ending) return;
    this.#socket.attach({
      data: (chunk) => this.#data(chunk),
      drain: () => this.#drained(),
      end: () => this.#end(),
      closed: (error) => (error === undefined ? this.#end() : this.#interrupted(error)),
    });
    this.#handshake.start();
  }

  /** The peer at the other end. @throws RouterError `not-running` before the handshake has told its name */
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

  /** The protocol version, once the handshake is done. */
  get version(): 1 | 2 | undefined {
    return this.#session?.version;
  }

  /** Whether the other side has proved that it knows the password. */
  get proved(): boolean {
    return this.#proof.given;
  }

  get heldBytes(): number {
    return (this.#session ?? this.#handshake).heldBytes + this.#socket.queuedBytes;
  }

  /** Unless each trusts the other: then the overlay gets no session key. The connection itself stays sealed. */
  get untrusted(): boolean {
    return !this.trustRemote || !this.#trustedByRemote;
  }

  /** Once the connection has ended: why it was refused or ended, where that can be said. */
  get explanation(): Explanation | undefined {
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

  /** The overlay's attributes of its part of the connection. */
  get overlayAttributes(): Record<string, unknown> | undefined {
    return this.#overlay.attributes;
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
    if (!this.#proof.given) this.#proof.weigh();
  }

  drained(): Promise<void> {
    if (this.#ending) return Promise.reject(this.#closedError());
    if (!this.#socketFull) return Promise.resolve();
    return this.#drainWaiters.wait();
  }

  /**
   * Ends the connection with an error, which is logged and becomes the target's last error. The first error counts.
   * The socket is closed at the end of the current turn, when the caller has finished.
   */
  shutdown(error: Error): void {
    if (this.#ending) return;
    this.#state = "ending";
    this.#reader?.stop();
    this.#proof.end();
    queueMicrotask(() => this.#teardown(error));
  }

  /**
   * Sends the queued messages, then ends our direction, so that nothing on its way is lost; settles when the other side
   * has ended its own. A connection that is still in its handshake is shut down with `reason`.
   */
  async finish(reason: Error): Promise<void> {
    if (this.#state !== "running") return this.shutdown(reason);
    this.senders.deliver();
    while (!this.senders.empty && !this.#ending) await this.drained().catch(() => {});
    await this.#socket.close();
  }

  /** Passes a control message to the overlay. */
  control(tag: number, message: Uint8Array): void {
    this.#overlay.control(tag, message);
  }

  /** Passes a gossip message to the router's channels. */
  deliver(tag: number, body: Uint8Array): void | Promise<void> {
    return this.#host.deliver(tag, body, this);
  }

  /** Logs, at a limited rate, that a message of the other side is ignored. */
  ignored(message: string): void {
    this.journal.ignored(message);
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
    } else {
      this.#session?.incoming.push(chunk);
      if (this.#state === "running") this.#reader?.read();
      else this.#proof.read(false);
    }
    if (!this.#proof.given) this.#proof.weigh();
  }

  #end(): void {
    if (this.#ending) return;
    this.#remoteFinished = true;
    if (this.#state === "handshake") this.#handshake.end();
    else if (this.#state === "running") this.#reader?.finish();
    else this.#proof.read(true);
  }

  #interrupted(error: Error): void {
    if (this.#state === "handshake") this.#handshake.interrupted(error);
    else this.shutdown(error);
  }

  #drained(): void {
    if (this.#ending) return;
    this.#socketFull = false;
    if (!this.#proof.given) this.#proof.weigh();
    this.#drainWaiters.drained();
    this.senders.deliver();
  }

  #handshakeDone(session: Session): void {
    this.#state = "preparing";
    this.#session = session;
    try {
      const identity = this.#handshake.identify(session);
      this.#trustedByRemote = identity.trusted;
      this.#uid = this.#handshake.connectionId ^ identity.connId;
      this.#proof.whenAdmissible(session, identity.name, () => this.#register(session, identity));
    } catch (error) {
      this.shutdown(toError(error));
    }
  }

  #register(session: Session, identity: RemoteIdentity): void {
    this.#remote = registerRemote(this.#host.peers, identity, this.#acceptNewPeer, this.remoteAddress);
    checkRemote(this.#host.peers.ourself, this.#remote, identity);
    this.#restarted = this.#remote.uid !== identity.uid;
    this.log(`connection ready; using protocol version ${session.version}`);
    const takesTime = this.#overlay.prepare({
      remotePeer: this.#remote,
      localAddress: this.#socket.localAddress,
      remoteAddress: this.#socket.remoteAddress,
      outbound: this.outbound,
      connectionUid: this.#uid,
      sessionKey: this.untrusted ? session.sessionKey?.slice() : undefined,
      features: session.features,
      sendControlMessage: (tag, message) => this.send(tag, message),
    });
    // Nothing is read meanwhile, as in the original: further bytes stay with the operating system.
    if (takesTime) this.#socket.pause();
  }

  #prepared(late: boolean): void {
    if (this.#ending) return;
    if (late) this.#socket.resume();
    try {
      this.#proof.whenAdmissible(this.#session!, this.remote.name, () => this.#add());
    } catch (error) {
      this.shutdown(toError(error));
    }
  }

  #add(): void {
    this.#state = "added";
    this.#host.addConnection(this, this.#restarted);
    this.#host.connectionCreated(this);
    if (!this.#overlay.confirm()) return;
    this.#scheduleHeartbeat();
    this.#reader = this.#makeReader();
    // Deferred by one microtask so that an overlay that is established at once reports first. Our first gossip then
    // includes the connection, as the original's does, and goes out before we read anything that could close it.
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

  #overlayFailed(cause: Error, duringPreparation: boolean): void {
    const context = { address: this.remoteAddress, peer: `${this.#remote}`, cause };
    this.shutdown(duringPreparation ? cause : new RouterError("overlay-failed", cause.message, context));
  }

  #scheduleHeartbeat(): void {
    this.#heartbeat = this.#host.clock.setTimeout(() => {
      this.#scheduleHeartbeat();
      this.send(Tag.heartbeat, new Uint8Array(0));
    }, heartbeatIntervalMs);
  }

  #makeReader(): MessageReader {
    return new MessageReader({
      clock: this.#host.clock,
      deadline: this.deadline,
      socket: this.#socket,
      incoming: this.#session!.incoming,
      incomplete: this.#host.incomplete,
      handle: (message) => this.#handle(message),
      failed: (error) => this.shutdown(error),
      ended: (inMidMessage) => this.shutdown(inMidMessage ?? closedByPeer(this.remoteAddress)),
    });
  }

  #handle(message: Uint8Array): void | Promise<void> {
    if (!this.#proof.given) {
      this.#proof.give();
      this.#host.connectionProved(this);
    }
    this.#tap?.("in", "message", message);
    return dispatch(message, this);
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
    const own = { sealed: this.#host.password !== undefined, version: this.#session?.version };
    this.#explanation = explain(error, this.#phase, own);
    this.journal.ended(error, this.#explanation?.text);
    this.deadline.cancel();
    this.#socket.reset();
    this.#session?.wipe();
    if (this.#remote !== undefined) {
      this.#host.peers.dereference(this.#remote);
      this.#host.deleteConnection(this);
    }
    this.#heartbeat?.cancel();
    this.#overlay.stop();
    this.senders.close();
    this.#drainWaiters.closed(this.#closedError());
    this.#host.connectionTerminated(this, error);
  }
}
