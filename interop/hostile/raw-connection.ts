import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Endpoint } from "../driver/endpoint.ts";

/** A TCP connection that can send anything. What comes is counted and dropped, but for the first 64 KiB. */
export class RawConnection {
  /** The first bytes that came. */
  received = Buffer.alloc(0);
  receivedBytes = 0;
  readonly #socket: Socket;
  #ended = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#ended = true;
    });
    socket.on("data", (chunk: Buffer) => {
      this.receivedBytes += chunk.length;
      if (this.received.length < 65_536) this.received = Buffer.concat([this.received, chunk]);
    });
  }

  /** Connects from an address. @throws Error when the connection is refused. */
  static async open(target: Endpoint, localAddress: string): Promise<RawConnection> {
    const socket = connect({ ...target, localAddress, noDelay: true });
    await once(socket, "connect");
    return new RawConnection(socket);
  }

  /** Whether the connection has ended, from either side. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Sends bytes, and settles when the socket has taken them or the connection has ended. */
  async send(bytes: Uint8Array): Promise<void> {
    if (this.#ended || this.#socket.destroyed) return;
    if (this.#socket.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const settle = () => {
        this.#socket.off("drain", settle).off("close", settle);
        resolve();
      };
      this.#socket.on("drain", settle).on("close", settle);
    });
  }

  /** Waits until something holds for what has come, or so much time has passed. @returns whether it holds. */
  async until(condition: () => boolean, withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (!condition() && performance.now() < deadline && !this.#ended) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return condition();
  }

  /** Waits for the end of the connection. @returns whether it has come in time. */
  async endedWithin(ms: number): Promise<boolean> {
    const deadline = performance.now() + ms;
    while (!this.#ended && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 5));
    return this.#ended;
  }

  /** Stops reading. */
  pause(): void {
    this.#socket.pause();
  }

  /** Half closes it. */
  end(): void {
    this.#socket.end();
  }

  /** Resets it. */
  close(): void {
    this.#socket.resetAndDestroy();
  }
}
