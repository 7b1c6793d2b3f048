import { createServer } from "node:http";
import { hostname, networkInterfaces } from "node:os";
import { type Flavour, PeerName, Router } from "weave-mesh";
import { parseFlags } from "./flags.ts";
import { CounterPeer } from "./peer.ts";

const defaults = new Map([
  ["http", ":8080"],
  ["mesh", "0.0.0.0:6783"],
  ["hwaddr", firstHardwareAddress() ?? ""],
  ["nickname", hostname()],
  ["password", ""],
  ["channel", "default"],
  ["flavour", "mac"],
]);

const usage = `Usage of increment-only-counter:
  -channel string    gossip channel name (default "default")
  -flavour string    kind of peer names, mac or hash (default "mac")
  -http string       HTTP listen address (default ":8080")
  -hwaddr string     MAC address, i.e. mesh peer ID
  -mesh string       mesh listen address (default "0.0.0.0:6783")
  -nickname string   peer nickname
  -password string   password (optional)
  -peer value        initial peer (may be repeated)
`;

const { single, peers } = flagsOrExit(process.argv.slice(2));
const flag = (name: string): string => single.get(name) ?? "";
const log = (line: string): void => console.error(`${flag("nickname")}> ${timestamp(new Date())} ${line}`);

const mesh = addressOrExit("mesh address", flag("mesh"));
const http = addressOrExit("HTTP address", flag("http"));
const flavour: Flavour = flag("flavour") === "hash" ? "hash" : "mac";
const name = nameOrExit(flag("hwaddr"));

const router = new Router({
  name,
  nickname: flag("nickname"),
  flavour,
  host: mesh.host,
  port: mesh.port,
  // As in the original's example: without -password connections are sealed, with an empty secret.
  password: flag("password"),
  connectionLimit: 64,
  peerDiscovery: true,
});

const counter = new CounterPeer(name, flavour, log);
counter.register(router.channel(flag("channel"), counter));

const server = createServer((request, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  if (request.method === "GET") response.end(`get => ${counter.get()}\n`);
  else if (request.method === "POST") response.end(`incr => ${counter.incr()}\n`);
  else response.end();
});

const ending = new Promise<string>((resolve) => {
  process.once("SIGINT", () => resolve("interrupt"));
  process.once("SIGTERM", () => resolve("terminated"));
  server.once("error", (error) => {
    process.exitCode = 1;
    resolve(error.message);
  });
});

log(`mesh router starting (${flag("mesh")})`);
try {
  await router.start();
} catch (error) {
  fatal(String(error instanceof Error ? error.message : error));
}
router.connect(peers);
log(`HTTP server starting (${flag("http")})`);
server.listen(http.port, http.host === "" ? undefined : http.host);

log(await ending);
log("mesh router stopping");
server.close();
server.closeAllConnections();
await router.stop();

function flagsOrExit(args: readonly string[]): ReturnType<typeof parseFlags> {
  if (args.some((argument) => /^--?(h|help)$/.test(argument))) {
    process.stderr.write(usage);
    process.exit(0);
  }
  try {
    return parseFlags(args, defaults);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(2);
  }
}

function addressOrExit(what: string, text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  if (match === null) fatal(`${what}: ${text}: should be host:port`);
  return { host: match[1] ?? match[2] ?? "", port: Number(match[3]) };
}

function nameOrExit(hwaddr: string): PeerName {
  try {
    return PeerName.parse(hwaddr, flavour);
  } catch (error) {
    fatal(`${hwaddr}: ${error instanceof Error ? error.message : error}`);
  }
}

function fatal(line: string): never {
  log(line);
  process.exit(1);
}

function firstHardwareAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find((address) => address.mac !== "00:00:00:00:00:00")?.mac;
}

/** As Go's log package: 2006/01/02 15:04:05, in the local zone. */
function timestamp(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("/");
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":")}`;
}
