import type { Socket as NodeSocket } from "node:net";
import { canonicalIp, type SocketAddress } from "./address.ts";
import { socketError, type TransportError } from "./errors.ts";
import type { Socket, SocketHandlers } from "./transport.ts";

/**
 * Bytes that may wait in a socket before `write` says so. Enough to keep the system's own buffer filled, also with messages
 * of 64 KiB and on a busy machine, where a sender that sleeps waits long to be woken; small enough that a stalled peer
 * costs little and gossip is merged rather than queued.
 */
export const highWaterMarkBytes = 256 * 1024;

/** The far end of a connection that Node has open; undefined if it ended before anyone asked. */
export function remoteAddressOf(socket: NodeSocket): SocketAddress | undefined {
  return addressOf(socket.remoteAddress, socket.remotePort);
}

/** The near end of a connection that Node has open. */
export function localAddressOf(socket: NodeSocket): SocketAddress | undefined {
  return addressOf(socket.localAddress, socket.localPort);
}

function addressOf(host: string | undefined, port: number | undefined): SocketAddress | undefined {
  if (host === undefined || port === undefined) return undefined;
  return { host: canonicalIp(host) ?? host, port };
}

/** A connection of the operating system's, as a {@link Socket}. */
export class TcpSocket implements Socket {
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  private readonly socket: NodeSocket;
  private handlers: SocketHandlers | undefined;
  private corked = false;
  private firstBytes: "to-come" | "held" | "gone";
  private writable = true;
  private wantsPause = false;
  private wasReset = false;
  private failure: TransportError | undefined;
  /** Node notices the end even while it is paused, if nothing is left to read. */
  private untoldEnd = false;
  private over = false;
  private toldClosed = false;
  private readonly whenOver: Promise<void>;

  /**
   * @param socket connected, paused, with half-open ends allowed, without listeners.
   * @param accepted whether the other side dialled, and so may have spoken already.
   */
  constructor(
    socket: NodeSocket,
    localAddress: SocketAddress,
    remoteAddress: SocketAddress,
    accepted = false,
  ) {
    this.firstBytes = accepted ? "to-come" : "gone";
    this.socket = socket;
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.failure ??= socketError(error.syscall === "read" ? "read" : "write", this, error);
    });
    this.whenOver = new Promise((resolve) => {
      socket.on("close", () => {
        this.over = true;
        this.writable = false;
        this.tellClosed();
        resolve();
      });
    });
  }

  get queuedBytes(): number {
    return this.socket.writableLength;
  }

  attach(handlers: SocketHandlers): void {
    const first = this.handlers === undefined;
    this.handlers = handlers;
    if (!first) return;
    const socket = this.socket;
    // Node's chunk is a Buffer, whose methods differ from those of the Uint8Array that we promise (`slice` aliases).
    socket.on("data", (chunk: Uint8Array) => {
      if (!this.wasReset) {
        this.handlers?.data(new Uint8Array(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.byteLength));
        if (this.firstBytes === "held") this.letGo();
      }
    });
    socket.on("drain", () => {
      if (this.writable) this.handlers?.drain();
    });
    socket.on("end", () => {
      this.untoldEnd = true;
      this.tellEnd();
    });
    if (this.over) process.nextTick(() => this.tellClosed());
    else if (!this.wantsPause) socket.resume();
  }

  write(chunk: Uint8Array): boolean {
    if (!this.writable) return false;
    const socket = this.socket;
    if (!this.corked) {
      // One system call for all that is written in this tick. The next-tick queue runs when the current callback and,
      // if it is a promise's, all promises that are ready have run: nothing waits for the event loop to turn.
      this.corked = true;
      socket.cork();
      if (this.firstBytes === "to-come") this.holdBack();
      else process.nextTick(this.uncork);
    }
    return socket.write(chunk);
  }

  /**
   * Who dialled has mostly spoken before we come to accepting. So the first bytes that we send wait until the event loop
   * has looked for theirs, and go out together with our answer: one system call and one segment less. The loop looks at
   * the end of the turn, or of the next one if this socket is as new as this turn.
   */
  private holdBack(): void {
    this.firstBytes = "held";
    setImmediate(() => setImmediate(() => this.letGo()));
  }

  private letGo(): void {
    if (this.firstBytes !== "held") return;
    this.firstBytes = "gone";
    process.nextTick(this.uncork);
  }

  private readonly uncork = (): void => {
    this.corked = false;
    this.socket.uncork();
  };

  pause(): void {
    this.wantsPause = true;
    this.socket.pause();
  }

  resume(): void {
    this.wantsPause = false;
    if (this.handlers === undefined) return;
    this.socket.resume();
    if (this.untoldEnd) process.nextTick(() => this.tellEnd());
  }

  close(): Promise<void> {
    if (this.writable) {
      this.writable = false;
      this.socket.end();
    }
    return this.whenOver;
  }

  reset(): void {
    if (this.over || this.wasReset) return;
    this.wasReset = true;
    this.writable = false;
    this.destroyWithReset();
  }

  /**
   * libuv refuses to reset a socket whose FIN is on its way to the system (EINVAL), and Node then leaks it: that moment,
   * a turn or two of the event loop, has to pass first.
   */
  private destroyWithReset(): void {
    const { writableEnded, writableFinished, writableLength, destroyed } = this.socket;
    if (destroyed) return;
    if (writableEnded && !writableFinished && writableLength === 0)
      setImmediate(() => this.destroyWithReset());
    else this.socket.resetAndDestroy();
  }

  private tellEnd(): void {
    if (!this.untoldEnd || this.wantsPause || this.wasReset) return;
    this.untoldEnd = false;
    if (this.writable && isDisconnected(this.socket)) {
      this.failure ??= socketError("read", this, "ECONNRESET");
      this.socket.destroy();
      return;
    }
    this.handlers?.end();
    if (this.over) this.tellClosed();
  }

  private tellClosed(): void {
    if (this.handlers === undefined || this.toldClosed) return; // without handlers it is told when they come
    if (this.untoldEnd && !this.wasReset && this.failure === undefined) return; // after the end, which is held back
    this.toldClosed = true;
    this.handlers.closed(this.wasReset ? undefined : this.failure);
  }
}

/**
 * Whether the end that Node reported is a reset in truth. When an RST arrives together with data, libuv hands over the
 * data and then says EOF; what tells the two apart is that the system knows no other side any more. Node asks for that
 * only once, so this asks its handle; where there is none, the end is believed.
 */
function isDisconnected(socket: NodeSocket): boolean {
  const { _handle: handle } = socket as unknown as {
    _handle?: { getpeername?(into: object): number } | null;
  };
  return (handle?.getpeername?.({}) ?? 0) < 0;
}
