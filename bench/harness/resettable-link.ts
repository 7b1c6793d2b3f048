import { once } from "node:events";
import { createConnection, createServer, type Server, type Socket } from "node:net";

/** A TCP address that leads to another until it is reset: the place where a mesh is parted. */
export class ResettableLink {
  readonly #host: string;
  readonly #toHost: string;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  /** What connects to `host` is led to `toHost`, at the same port. */
  constructor(host: string, toHost: string, port: number) {
    this.#host = host;
    this.#toHost = toHost;
    this.#port = port;
  }

  /** Whoever dials is let through from now on. */
  async open(): Promise<void> {
    this.#server = createServer({ noDelay: true }, (near) => this.#carry(near));
    this.#server.listen(this.#port, this.#host);
    await once(this.#server, "listening");
  }

  /** Every connection is reset at both ends, and whoever dials is refused. */
  reset(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #carry(near: Socket): void {
    const far = createConnection({ host: this.#toHost, port: this.#port, noDelay: true });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.pipe(other);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        // The original closes by reset, and so do we: an end at one side is a reset at the other.
        if (!other.destroyed) other.resetAndDestroy();
      });
    }
  }
}
