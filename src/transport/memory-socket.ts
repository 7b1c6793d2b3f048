import type { SocketAddress } from "./address.ts";
import type { Clock } from "./clock.ts";
import { socketError, type TransportError } from "./errors.ts";
import type { MemoryPipe, PipeEnd } from "./memory-pipe.ts";
import type { Socket, SocketHandlers } from "./transport.ts";

/** What a socket in memory is made of. */
export interface MemorySocketParts {
  readonly clock: Clock;
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  readonly outgoing: MemoryPipe;
  readonly incoming: MemoryPipe;
  readonly highWaterMarkBytes: number;
  /** Called once, before `closed`: its host may forget it. */
  readonly forget: (socket: MemorySocket) => void;
}

/** One end of a connection in a {@link MemoryNetwork}. */
export class MemorySocket implements Socket, PipeEnd {
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  dead = false;
  private readonly parts: MemorySocketParts;
  private handlers: SocketHandlers | undefined;
  private paused = false;
  private writable = true;
  private wantsDrain = false;
  private remoteEnded = false;
  private over = false;
  private toldClosed = false;
  private failure: TransportError | undefined;
  private readonly whenOver: Promise<void>;
  private settleOver!: () => void;

  constructor(parts: MemorySocketParts) {
    this.parts = parts;
    this.localAddress = parts.localAddress;
    this.remoteAddress = parts.remoteAddress;
    this.whenOver = new Promise((resolve) => {
      this.settleOver = resolve;
    });
  }

  get queuedBytes(): number {
    return this.parts.outgoing.queue.length;
  }

  get reading(): boolean {
    return this.handlers !== undefined && !this.paused && !this.dead && !this.over;
  }

  attach(handlers: SocketHandlers): void {
    this.handlers = handlers;
    if (this.over) this.soon(() => this.tellClosed());
    else this.parts.incoming.wake();
  }

  write(chunk: Uint8Array): boolean {
    if (!this.writable) return false;
    const { incoming, outgoing, highWaterMarkBytes } = this.parts;
    if (incoming.resetArrived) {
      // Not noticed until now, because nobody was reading.
      this.die(socketError("write", this, "ECONNRESET"));
      return false;
    }
    outgoing.write(chunk);
    const roomLeft = outgoing.queue.length < highWaterMarkBytes;
    if (!roomLeft) this.wantsDrain = true;
    return roomLeft;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.parts.incoming.wake();
  }

  close(): Promise<void> {
    if (this.writable) {
      this.writable = false;
      this.parts.outgoing.end();
      this.soon(() => this.finishIfDone());
    }
    return this.whenOver;
  }

  reset(): void {
    if (this.over || this.dead) return;
    this.parts.outgoing.reset();
    this.die(undefined);
  }

  /** Ends it as if both sides had received an RST. */
  breakOff(): void {
    if (!this.over && !this.dead) this.die(socketError("read", this, "ECONNRESET"));
  }

  /** Ends it as the system does for a process that died: RST to the other side, nothing to our own. */
  abandon(): void {
    this.handlers = undefined;
    this.reset();
  }

  received(chunk: Uint8Array): void {
    this.handlers?.data(chunk);
  }

  ended(): void {
    this.remoteEnded = true;
    this.handlers?.end();
    this.finishIfDone();
  }

  wasReset(): void {
    this.die(socketError("read", this, "ECONNRESET"));
  }

  progressed(): void {
    if (this.wantsDrain && this.queuedBytes <= this.parts.highWaterMarkBytes / 2) {
      this.wantsDrain = false;
      if (this.writable) this.handlers?.drain();
    }
    this.finishIfDone();
  }

  private die(failure: TransportError | undefined): void {
    this.dead = true;
    this.writable = false;
    this.failure = failure;
    this.soon(() => this.finish());
  }

  private finishIfDone(): void {
    if (this.remoteEnded && this.parts.outgoing.finished) this.finish();
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    this.writable = false;
    this.parts.forget(this);
    this.tellClosed();
    this.settleOver();
  }

  private tellClosed(): void {
    if (this.handlers === undefined || this.toldClosed) return;
    this.toldClosed = true;
    this.handlers.closed(this.failure);
  }

  private soon(callback: () => void): void {
    this.parts.clock.setTimeout(callback, 0);
  }
}
