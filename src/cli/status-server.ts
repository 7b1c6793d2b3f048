import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { formatHostPort, type HostPort } from "./arguments.ts";
import { CliError, oneLine } from "./errors.ts";
import { HostNames } from "./host-names.ts";
import { StatusSnapshots } from "./status-snapshots.ts";

/** The most connections at the same time, and the most from one address. Further ones are reset. */
export const maxConnections = 64;
export const maxConnectionsPerAddress = 16;
/** The most bytes of a request's headers. Node answers a larger one with 431. */
export const maxHeaderBytes = 8 * 1024;

/** The limits on a connection's time, in milliseconds. */
export interface StatusServerTimeouts {
  /** For a request's headers to arrive. Default 5,000. */
  readonly headersMs: number;
  /** For the whole request to arrive. Default 10,000. */
  readonly requestMs: number;
  /** For an answer to be read. Default 30,000. */
  readonly answerMs: number;
  /** Without a request on a connection that is kept open. Default 5,000. */
  readonly idleMs: number;
}

const defaultTimeouts: StatusServerTimeouts = {
  headersMs: 5_000,
  requestMs: 10_000,
  answerMs: 30_000,
  idleMs: 5_000,
};

/** The options of a status server. */
export interface StatusServerOptions {
  /** Makes the JSON of the status, in pieces that each take a few milliseconds. */
  readonly statusJson: () => Iterable<string>;
  /** Host names that may stand in requests, besides `localhost`, IP addresses and the host that is listened on. */
  readonly hostNames?: readonly string[];
  readonly timeouts?: Partial<StatusServerTimeouts>;
}

/**
 * Serves a peer's status over HTTP, as JSON, at `GET /status`. Other paths are 404, other methods 405, other host names 421
 * (see {@link HostNames}).
 *
 * Bounded on every side: 64 connections (16 from one address) with one request at a time, 8 KiB of headers, the times of {@link StatusServerTimeouts},
 * and for documents the limits of {@link StatusSnapshots}. A document is made in slices of 10 ms, of which the first also copies
 * the lists of peers and routes, and is sent in pieces of about 64 KiB, one for each turn of the event loop.
 */
export class StatusServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /**
   * Listens at `address`; port 0 takes a free one.
   *
   * @throws CliError `failed` if the address cannot be listened on.
   */
  static async listen(address: HostPort, options: StatusServerOptions): Promise<StatusServer> {
    const timeouts = { ...defaultTimeouts, ...options.timeouts };
    const hostNames = new HostNames([address.host, ...(options.hostNames ?? [])]);
    const snapshots = new StatusSnapshots(options.statusJson);
    const answering = new WeakSet<Socket>();
    const server = createServer(
      {
        maxHeaderSize: maxHeaderBytes,
        headersTimeout: timeouts.headersMs,
        requestTimeout: timeouts.requestMs,
        keepAliveTimeout: timeouts.idleMs,
        // How often Node looks for connections that have exceeded the first two.
        connectionsCheckingInterval: Math.min(1_000, timeouts.headersMs),
      },
      (request, response) => {
        // No browser sends a request before the answer to the last; thousands fit in one packet and each takes kilobytes.
        if (answering.has(request.socket)) {
          request.socket.resetAndDestroy();
          return;
        }
        answering.add(request.socket);
        response.on("close", () => answering.delete(request.socket));
        void answer(request, response, { hostNames, snapshots, answerMs: timeouts.answerMs });
      },
    );
    limitConnections(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => {
        reject(
          new CliError("failed", `--http ${formatHostPort(address)}: ${oneLine(error)}`, { cause: error }),
        );
      });
      server.listen(address.port, address.host === "" ? undefined : address.host, resolve);
    });
    // A failed accept, as when file descriptors run out, ends neither the server nor the peer.
    server.on("error", () => {});
    return new StatusServer(server);
  }

  /** The address it listens at, with the real port. */
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

function limitConnections(server: Server): void {
  const byAddress = new Map<string, number>();
  let total = 0;
  server.on("connection", (socket: Socket) => {
    const address = socket.remoteAddress ?? "";
    const count = byAddress.get(address) ?? 0;
    if (total >= maxConnections || count >= maxConnectionsPerAddress) {
      socket.resetAndDestroy();
      return;
    }
    total++;
    byAddress.set(address, count + 1);
    socket.once("close", () => {
      total--;
      const left = byAddress.get(address)! - 1;
      if (left === 0) byAddress.delete(address);
      else byAddress.set(address, left);
    });
  });
}

interface Answering {
  readonly hostNames: HostNames;
  readonly snapshots: StatusSnapshots;
  readonly answerMs: number;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { hostNames, snapshots, answerMs }: Answering,
): Promise<void> {
  const deadline = setTimeout(() => response.destroy(), answerMs).unref();
  response.on("close", () => clearTimeout(deadline));
  response.on("error", () => {});
  const refusal = hostNames.refusal(request);
  if (refusal !== undefined) return fail(response, refusal.status, refusal.text);
  const path = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)/i.exec(request.url ?? "/")![1];
  if (path !== "/status") return fail(response, 404, "404 page not found");
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    return fail(response, 405, "method not allowed");
  }
  const headers = { "Content-Type": "application/json", "X-Content-Type-Options": "nosniff" };
  if (request.method === "HEAD") {
    response.writeHead(200, headers).end();
    return;
  }
  try {
    const { snapshot, release } = await snapshots.acquire(() => response.destroy());
    try {
      response.writeHead(200, { ...headers, "Content-Length": snapshot.byteLength });
      for (const piece of snapshot.pieces) {
        if (response.destroyed) return;
        if (!response.write(piece)) await drainedOrClosed(response);
        // To a fast reader all writes succeed at once, and megabytes would go out without a turn of the event loop.
        await nextTurn();
      }
      response.end();
    } finally {
      release();
    }
  } catch (error) {
    fail(response, 500, oneLine(error));
  }
}

/** Answers with a text. The connection ends, so that nothing of a request's body is waited for. */
function fail(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = Buffer.from(`${text}\n`);
  response
    .writeHead(status, {
      "Content-Type": "text/plain; charset=utf-8",
      "Content-Length": body.length,
      "X-Content-Type-Options": "nosniff",
      Connection: "close",
    })
    .end(body);
}

function drainedOrClosed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
    if (response.destroyed) done();
  });
}
