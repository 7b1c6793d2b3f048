import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Counts } from "./counter-channel.ts";
import { LogData } from "./log-channel.ts";
import type { DrivenRouter } from "./peer.ts";
import { Resources } from "./resources.ts";

/** The body of every POST; each uses the fields that it needs. */
interface Request {
  channel?: string;
  kind?: string;
  peer?: string;
  peers?: string[];
  replace?: boolean;
  text?: string;
  base64?: string;
  times?: number;
}

type Handler = (body: Request, query: URLSearchParams) => unknown;

/**
 * Serves the control interface described in interop/README.md. `quit` is called after POST /quit has been
 * answered.
 */
export async function serveControl(
  peer: DrivenRouter,
  address: { host: string; port: number },
  quit: () => void,
): Promise<{ server: Server; address: string }> {
  const handlers = handlersFor(peer);
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://control");
    const route = `${request.method} ${url.pathname}`;
    if (route === "POST /quit") response.once("finish", quit);
    try {
      const handler = handlers[route];
      if (handler === undefined) return reply(response, 404, { error: `no ${route}` });
      const body = request.method === "POST" ? await readJson(request) : {};
      const result = await handler(body, url.searchParams);
      reply(response, 200, result instanceof Resources ? await result.beside(server) : result);
    } catch (error) {
      reply(response, 409, { error: error instanceof Error ? error.message : String(error) });
    }
  });
  server.listen(address);
  await once(server, "listening");
  const { address: host, port } = server.address() as AddressInfo;
  return { server, address: `${host}:${port}` };
}

function handlersFor(peer: DrivenRouter): Record<string, Handler> {
  const { router } = peer;
  return {
    "GET /status": () => router.statusJson(),
    "GET /received": (_, query) => ({ messages: peer.received.from(Number(query.get("from") ?? 0)) }),
    "GET /counter": (_, query) => counterAnswer(peer.counter(query.get("channel") ?? "").state),
    "POST /unicast": async (body) => {
      await peer.log(body.channel ?? "").unicast(peer.peerName(body.peer ?? ""), payload(body));
      return {};
    },
    "POST /broadcast": (body) => {
      peer.log(body.channel ?? "").broadcast(new LogData(payload(body)));
      return {};
    },
    "POST /gossip": (body) => {
      peer.log(body.channel ?? "").gossip(new LogData(payload(body)));
      return {};
    },
    "POST /incr": (body) => {
      const counter = peer.counter(body.channel ?? "");
      for (let i = 0; i < Math.max(1, body.times ?? 1); i++) counter.increment();
      return counterAnswer(counter.state);
    },
    "POST /channel": (body) => {
      peer.register(body.channel ?? "", body.kind ?? "");
      return {};
    },
    "POST /connect": (body) => {
      const errors = router.connect(body.peers ?? [], { replace: body.replace ?? false });
      return { errors: errors.map((error) => error.message) };
    },
    "POST /forget": (body) => {
      router.forget(body.peers ?? []);
      return {};
    },
    "GET /resources": () => new Resources(),
    "POST /quit": () => ({}),
  };
}

function payload({ text, base64 }: Request): Uint8Array {
  return text === undefined ? new Uint8Array(Buffer.from(base64 ?? "", "base64")) : Buffer.from(text);
}

function counterAnswer(state: Counts) {
  return { value: state.total, counts: Object.fromEntries(state.byName) };
}

async function readJson(request: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

/** A string is JSON text already: the status has numbers that JSON.stringify cannot print. */
function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}
