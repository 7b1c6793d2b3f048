import { formatAddress, type Listener, type Socket, type Transport } from "../transport/index.ts";
import { headerBytes, type VersionRange } from "../wire/index.ts";
import {
  makeSessionHeader,
  otherSide,
  type SessionHeader,
  type SessionRecord,
  type Side,
} from "./session-file.ts";
import { readHeader } from "./versions.ts";

/** Takes the records of one session. `closed` comes once, last. */
export interface SessionSink {
  record(record: SessionRecord): void;
  closed(): void;
}

/** What a proxy needs. */
export interface RecordingProxyOptions {
  readonly transport: Transport;
  /** Where to listen. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Where the peer is: a host name or an IP address. */
  readonly to: { readonly host: string; readonly port: number };
  /** Milliseconds since the epoch, with fractions if possible. */
  readonly now: () => number;
  /**
   * What both sides are told of the other's versions, so that two peers that speak both can be recorded speaking version 1.
   * By default what they say themselves. The recording holds what was passed on.
   */
  readonly versions?: VersionRange | undefined;
  /** How the recordings were made. */
  readonly made?: Readonly<Record<string, string>>;
  /** Called when a connection has been made to the peer. */
  open(header: SessionHeader): SessionSink;
  /** A connection that could not be passed on. */
  failed?(error: Error): void;
}

/** A proxy in front of a peer that records every session that passes. */
export class RecordingProxy {
  readonly #options: RecordingProxyOptions;
  readonly #sockets = new Set<Socket>();
  #listener: Listener | undefined;
  #stopping = false;

  private constructor(options: RecordingProxyOptions) {
    this.#options = options;
  }

  /** Listens. @throws TransportError */
  static async start(options: RecordingProxyOptions): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(options);
    proxy.#listener = await options.transport.listen(
      options.listen,
      (socket) => void proxy.#accept(socket),
      (error) => options.failed?.(error),
    );
    return proxy;
  }

  /** Where it listens, with the port that was chosen if 0 was asked for. */
  get address(): { readonly host: string; readonly port: number } {
    return this.#listener!.address;
  }

  /** Stops listening and resets the connections, whose recordings then end open. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#listener?.close();
    for (const socket of this.#sockets) socket.reset();
  }

  async #accept(dialler: Socket): Promise<void> {
    const { transport, to, failed } = this.#options;
    this.#sockets.add(dialler);
    let listener: Socket;
    try {
      const [host] = await transport.resolve(to.host);
      listener = await transport.dial({ host: host!, port: to.port });
    } catch (error) {
      this.#sockets.delete(dialler);
      dialler.reset();
      failed?.(error as Error);
      return;
    }
    this.#sockets.add(listener);
    if (this.#stopping) {
      dialler.reset();
      listener.reset();
      return;
    }
    this.#join({ dialler, listener });
  }

  #join(sockets: Readonly<Record<Side, Socket>>): void {
    const { now, open, made, versions } = this.#options;
    const startedAt = now();
    const header = makeSessionHeader({
      layer: "wire",
      startedAt,
      ...(made !== undefined && { made }),
      dialler: { address: formatAddress(sockets.dialler.remoteAddress) },
      listener: { address: formatAddress(sockets.listener.remoteAddress) },
    });
    const sink = open(header);
    const started = Date.parse(header.started);
    const at = () => Math.max(0, now() - started);
    const ended = new Set<Side>();
    let closed = 0;
    const end = (from: Side, end: "fin" | "reset" | "open") => {
      if (ended.has(from)) return;
      ended.add(from);
      sink.record({ at: at(), from, end });
    };
    for (const from of ["dialler", "listener"] as const) {
      const source = sockets[from];
      const target = sockets[otherSide(from)];
      const rewrite = versions === undefined ? (chunk: Uint8Array) => chunk : versionRewriter(versions);
      source.attach({
        data: (chunk) => {
          const bytes = rewrite(chunk);
          if (bytes.length === 0) return;
          sink.record({ at: at(), from, bytes: bytes.slice() });
          if (!target.write(bytes)) source.pause();
        },
        // Room for what the other side has to say.
        drain: () => target.resume(),
        end: () => {
          end(from, "fin");
          void target.close();
        },
        closed: (error) => {
          this.#sockets.delete(source);
          if (error !== undefined) end(from, "reset");
          if (error !== undefined || !ended.has(from)) target.reset();
          if (++closed < 2) return;
          for (const side of ["dialler", "listener"] as const) end(side, "open");
          sink.closed();
        },
      });
    }
  }
}

/** Changes the versions in the first seven bytes of a direction, if these are a header; holds them back till then. */
function versionRewriter(versions: VersionRange): (chunk: Uint8Array) => Uint8Array {
  let held: Uint8Array | undefined = new Uint8Array(0);
  return (chunk) => {
    if (held === undefined) return chunk;
    const bytes: Uint8Array = Buffer.concat([held, chunk]);
    held = bytes;
    if (bytes.length < headerBytes) return new Uint8Array(0);
    held = undefined;
    if (readHeader(bytes.subarray(0, headerBytes)) !== undefined) {
      bytes[5] = versions.minVersion;
      bytes[6] = versions.maxVersion;
    }
    return bytes;
  };
}
