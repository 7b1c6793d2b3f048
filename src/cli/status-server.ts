import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { formatHostPort, type HostPort } from "./arguments.ts";
import { CliError, oneLine } from "./errors.ts";

/** Serves a peer's status over HTTP, as JSON, at `GET /status`. Other paths are 404, other methods 405. */
export class StatusServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /**
   * Listens at `address`; port 0 takes a free one.
   *
   * @param statusJson called for each request; its result is the body, unchanged.
   * @throws CliError `failed` if the address cannot be listened on.
   */
  static async listen(address: HostPort, statusJson: () => string): Promise<StatusServer> {
    const server = createServer((request, response) => {
      const path = (request.url ?? "/").split("?", 1)[0];
      if (path !== "/status") {
        response.writeHead(404, { "Content-Type": "text/plain" }).end("404 page not found\n");
      } else if (request.method !== "GET" && request.method !== "HEAD") {
        response
          .writeHead(405, { Allow: "GET, HEAD", "Content-Type": "text/plain" })
          .end("method not allowed\n");
      } else {
        response.writeHead(200, { "Content-Type": "application/json" }).end(statusJson());
      }
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => {
        reject(
          new CliError("failed", `--http ${formatHostPort(address)}: ${oneLine(error)}`, { cause: error }),
        );
      });
      server.listen(address.port, address.host === "" ? undefined : address.host, resolve);
    });
    return new StatusServer(server);
  }

  /** Where it listens, with the real port. */
  get address(): HostPort {
    const { address, port } = this.#server.address() as AddressInfo;
    return { host: address, port };
  }

  /** Stops listening and drops the requests under way. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}
