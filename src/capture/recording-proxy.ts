import { type Clock, type Listener, type Socket, systemClock, type Transport } from "../transport/index.ts";
import { headerBytes, type VersionRange } from "../wire/index.ts";
import { CaptureError } from "./errors.ts";
import { ProxiedSession, type SessionSink } from "./proxied-session.ts";
import type { SessionHeader } from "./session-file.ts";

export type { SessionSink } from "./proxied-session.ts";

/** The most connections at once, unless configured otherwise. */
export const defaultConnectionLimit = 1024;
/** The time in which an accepted connection must have sent a header, in milliseconds; the router's own. */
export const proxyHeaderTimeoutMs = 10_000;
/** The time in which the peer must have accepted a connection, in milliseconds. */
export const proxyDialTimeoutMs = 10_000;

/** The options of a proxy. */
export interface RecordingProxyOptions {
  readonly transport: Transport;
  /** The address to listen on. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The peer's address: a host name or an IP address. */
  readonly to: { readonly host: string; readonly port: number };
  /** Milliseconds since the epoch, with fractions if possible. */
  readonly now: () => number;
  /** For timeouts. Default: the system's. */
  readonly clock?: Clock | undefined;
  /** The most connections at once, each with two sockets and a file. One address gets at most half. Default 1024. */
  readonly connectionLimit?: number | undefined;
  /**
   * The versions that both sides are told as the other's, so that two peers that speak both can be recorded speaking
   * version 1. By default what they say themselves. The recording holds what was passed on.
   */
  readonly versions?: VersionRange | undefined;
  /** Programs and commands, for the headers. */
  readonly made?: Readonly<Record<string, string>>;
  /** Called when a connection has been made to the peer. */
  open(header: SessionHeader): SessionSink;
  /** Called for a connection that could not be passed on, and for what `open` or its sink throws. */
  failed?(error: Error): void;
}

/** An accepted connection: silent until its header has come, then a session. */
interface Accepted {
  readonly socket: Socket;
  isSilent: boolean;
}

/**
 * A proxy in front of a peer that records every session that passes. The peer is dialled when the header of the other
 * side has come; a connection that sends none within 10 s is reset and leaves no recording.
 *
 * At the limit a new connection takes the place of the oldest one that has sent nothing yet, of the address that holds
 * most; if there is none, it is reset itself. Sessions are never given up for new ones.
 */
export class RecordingProxy {
  readonly #options: RecordingProxyOptions;
  readonly #clock: Clock;
  readonly #limit: number;
  /** Oldest first. */
  readonly #accepted = new Set<Accepted>();
  readonly #dialling = new Set<AbortController>();
  readonly #sessions = new Set<ProxiedSession>();
  #listener: Listener | undefined;
  #stopping = false;

  private constructor(options: RecordingProxyOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#limit = options.connectionLimit ?? defaultConnectionLimit;
  }

  /** Listens. @throws TransportError */
  static async start(options: RecordingProxyOptions): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(options);
    proxy.#listener = await options.transport.listen(
      options.listen,
      (socket) => proxy.#accept(socket),
      (error) => options.failed?.(error),
    );
    return proxy;
  }

  /** The address on which it listens, with the port that was chosen if 0 was asked for. */
  get address(): { readonly host: string; readonly port: number } {
    return this.#listener!.address;
  }

  /** Stops listening and resets the connections, whose recordings then end open. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#listener?.close();
    for (const dialling of this.#dialling) dialling.abort();
    for (const session of this.#sessions) session.reset();
    for (const { socket } of this.#accepted) socket.reset();
  }

  #accept(socket: Socket): void {
    const { host } = socket.remoteAddress;
    if (this.#stopping || !this.#makeSpace(host)) {
      socket.reset();
      if (this.#stopping) return;
      const text = `a connection from ${host} was refused: ${this.#accepted.size} of ${this.#limit} are open`;
      this.#options.failed?.(new CaptureError("connection-refused", text));
      return;
    }
    const accepted: Accepted = { socket, isSilent: true };
    this.#accepted.add(accepted);
    const timer = this.#clock.setTimeout(() => socket.reset(), proxyHeaderTimeoutMs);
    let said: Uint8Array = new Uint8Array(0);
    let isOpen = true;
    socket.attach({
      data: (chunk) => {
        said = said.length === 0 ? chunk : Buffer.concat([said, chunk]);
        if (!accepted.isSilent || said.length < headerBytes) return;
        accepted.isSilent = false;
        timer.cancel();
        socket.pause();
        void this.#connect(accepted, () => (isOpen ? said : undefined));
      },
      drain() {},
      // It ended before it sent a header: there is nothing to pass on.
      end: () => socket.reset(),
      closed: () => {
        isOpen = false;
        timer.cancel();
        this.#accepted.delete(accepted);
      },
    });
  }

  /** Dials the peer for a connection. `said` is what it has sent, undefined if it has ended. */
  async #connect(accepted: Accepted, said: () => Uint8Array | undefined): Promise<void> {
    const { now, versions, made, open } = this.#options;
    let listener: Socket;
    try {
      listener = await this.#dial();
    } catch (error) {
      this.#accepted.delete(accepted);
      accepted.socket.reset();
      if (!this.#stopping) this.#options.failed?.(error as Error);
      return;
    }
    const bytes = said();
    if (bytes === undefined || this.#stopping) {
      accepted.socket.reset();
      listener.reset();
      return;
    }
    const session = new ProxiedSession({ dialler: accepted.socket, listener }, bytes, {
      clock: this.#clock,
      now,
      versions,
      made,
      open,
      failed: (error) => this.#options.failed?.(error),
      over: () => {
        this.#accepted.delete(accepted);
        this.#sessions.delete(session);
      },
    });
    this.#sessions.add(session);
  }

  async #dial(): Promise<Socket> {
    const { transport, to } = this.#options;
    const abort = new AbortController();
    this.#dialling.add(abort);
    const timer = this.#clock.setTimeout(() => abort.abort(), proxyDialTimeoutMs);
    try {
      const [host] = await transport.resolve(to.host);
      return await transport.dial({ host: host!, port: to.port, signal: abort.signal });
    } finally {
      timer.cancel();
      this.#dialling.delete(abort);
    }
  }

  /** Whether there is a place for a connection from an address, perhaps after a silent one was reset. */
  #makeSpace(host: string): boolean {
    const counts = new Map<string, number>();
    for (const { socket } of this.#accepted) {
      const other = socket.remoteAddress.host;
      counts.set(other, (counts.get(other) ?? 0) + 1);
    }
    const isFull = this.#accepted.size >= this.#limit;
    const hasMany = (counts.get(host) ?? 0) >= Math.max(1, Math.ceil(this.#limit / 2));
    if (!isFull && !hasMany) return true;
    let victim: Accepted | undefined;
    let most = 0;
    for (const accepted of this.#accepted) {
      const other = accepted.socket.remoteAddress.host;
      const count = counts.get(other)!;
      if (!accepted.isSilent || (hasMany && other !== host) || count <= most) continue;
      victim = accepted;
      most = count;
    }
    if (victim === undefined) return false;
    this.#accepted.delete(victim);
    victim.socket.reset();
    return true;
  }
}
