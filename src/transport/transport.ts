import type { SocketAddress } from "./address.ts";
import type { TransportError } from "./errors.ts";

/** What a socket tells its owner. No handler is called from within a method of the same socket. */
export interface SocketHandlers {
  /** Bytes arrived, cut anywhere. The chunk is the receiver's to keep and to change; it is a plain Uint8Array. */
  data(chunk: Uint8Array): void;
  /** After a write that returned false: the queue is well below the high-water mark again. */
  drain(): void;
  /** The other side has finished writing (EOF). What we write still reaches it. Comes at most once, after all data. */
  end(): void;
  /**
   * The connection is over, in both directions. Comes exactly once and last: with the error that ended it, or without
   * one after our own `reset()` and after both sides have finished.
   */
  closed(error?: TransportError): void;
}

/** One TCP connection, or its twin in a {@link MemoryNetwork}. */
export interface Socket {
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  /** Bytes written and not yet taken by the operating system. */
  readonly queuedBytes: number;
  /** Sets who is told. Nothing is read before the first call; a later call replaces the handlers. */
  attach(handlers: SocketHandlers): void;
  /**
   * Sends bytes; what is written in one tick goes out together at its end; the very first on an accepted connection may
   * wait until the other side has been heard, but for no more than two turns of the event loop. Returns false when the queue is over the
   * high-water mark: it was queued all the same, and `drain` will come. The chunk is not copied and must not be
   * changed any more; it may be written to other sockets too. After `close()`, `reset()` or the end of the connection
   * it is dropped and the result is false.
   */
  write(chunk: Uint8Array): boolean;
  /**
   * Stops reading, so that the other side is slowed down. While paused there is neither `data` nor `end`, and a reset
   * is noticed on writing at the earliest.
   */
  pause(): void;
  /** Reads again. */
  resume(): void;
  /**
   * Ends our direction: sends what is queued, then FIN. Data from the other side still arrives until it finishes, too.
   * The promise settles, and never rejects, when the connection is over in both directions, that is with `closed`; a
   * caller that cannot wait for the other side gives up with `reset()`.
   */
  close(): Promise<void>;
  /** Ends the connection at once, in both directions, with RST; what is queued is lost. As Go's close with SO_LINGER 0. */
  reset(): void;
}

/** An open port. */
export interface Listener {
  /** Where it listens, with the port that was chosen if 0 was asked for. `::` stands for all addresses. */
  readonly address: SocketAddress;
  /** Stops accepting and frees the port. Connections that were accepted live on. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** An IP address or a name of this machine; `""`, `0.0.0.0` and `::` are all its addresses of both families, as in Go. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

export interface DialOptions {
  /** IP address. */
  readonly host: string;
  readonly port: number;
  /** The address to dial from. `""` and the wildcards leave it to the system, but stand in error texts as Go prints them. */
  readonly localHost?: string;
  /** Gives up the attempt (code "aborted"); has no effect on a socket that is connected. */
  readonly signal?: AbortSignal;
}

export interface ResolveOptions {
  /** Gives up the lookup (code "aborted"). */
  readonly signal?: AbortSignal;
}

/** A way to reach other machines: {@link tcpTransport}, or a host of a {@link MemoryNetwork}. */
export interface Transport {
  /**
   * Listens, and calls `accept` with each new connection. `failed` hears of errors in accepting (too many open files);
   * listening goes on.
   * @throws TransportError "in-use", "address-not-available", "access-denied", "resolve", "io"
   */
  listen(
    options: ListenOptions,
    accept: (socket: Socket) => void,
    failed?: (error: TransportError) => void,
  ): Promise<Listener>;
  /**
   * Connects. There is no time limit but the system's own (two minutes, mostly).
   * @throws TransportError "refused", "reset", "timeout", "unreachable", "address-not-available", "aborted", "io"
   */
  dial(options: DialOptions): Promise<Socket>;
  /**
   * All addresses of a host, IPv4 first, at least one; an IP address gives itself. A lookup waits for no other and ends
   * within a few seconds, whatever name servers do.
   * @throws TransportError "resolve", "aborted"
   */
  resolve(host: string, options?: ResolveOptions): Promise<string[]>;
  /**
   * The number of a TCP port given in digits or as the name of a service (`http`); `""` is 0.
   * @throws TransportError "resolve" (`lookup tcp/nosuch: unknown port`), "address" (`address 65536: invalid port`)
   */
  resolvePort(service: string): Promise<number>;
}
