/**
 * One peer of a weaveworks/mesh network on top of the package's public surface, driven over the same HTTP
 * interface as the Go peer (interop/README.md). It prints one JSON line when it is ready, logs to standard
 * error, and ends with status 0 on POST /quit, SIGTERM, SIGINT and the end of its standard input.
 */
import { writeSync } from "node:fs";
import { type Logger, PeerName, Router } from "weave-mesh";
import { type Random, systemRandom } from "weave-mesh/testing";
import { serveControl } from "./ts-peer/control.ts";
import { frameLog } from "./ts-peer/frame-log.ts";
import { parseOptions } from "./ts-peer/options.ts";
import { DrivenRouter } from "./ts-peer/peer.ts";

const options = parseOptions(process.argv.slice(2));
const router = new Router({
  name: PeerName.fromUserInput(options.hwaddr, options.flavour),
  nickname: options.nickname,
  flavour: options.flavour,
  host: options.host,
  port: options.port,
  connectionLimit: options.connectionLimit,
  peerDiscovery: options.discovery,
  trustedSubnets: options.trustedSubnets,
  protocolMinVersion: options.minProtocol,
  protocolMaxVersion: options.maxProtocol,
  logger: standardErrorLogger(`${options.nickname}> `),
  ...(options.password === undefined ? {} : { password: options.password }),
  ...(options.gossipIntervalMs === undefined ? {} : { gossipIntervalMs: options.gossipIntervalMs }),
  ...(options.uid === undefined ? {} : { uid: options.uid }),
  ...(options.shortId === undefined ? {} : { random: startingWith(options.shortId) }),
  ...(options.frames === undefined ? {} : { onFrame: frameLog(options.frames) }),
});
const counterKey =
  options.counterKey === undefined ? router.name : PeerName.parse(options.counterKey, options.flavour);
const peer = new DrivenRouter(router, options.flavour, counterKey);
for (const channel of options.channels) peer.register(channel, "log");
for (const channel of options.counters) peer.register(channel, "counter");

const { server, address } = await serveControl(peer, options.control, quit);
await router.start();
for (const error of router.connect(options.peers)) console.error(`peer argument: ${error.message}`);
announce();

process.once("SIGTERM", quit);
process.once("SIGINT", quit);
process.stdin.once("end", quit).resume(); // a runner that dies takes its peers with it

async function quit(): Promise<void> {
  await router.stop();
  server.close();
  process.exit(0);
}

/** Chance that gives this short ID at the first draw of one, as the router makes when it is created. */
function startingWith(shortId: number): Random {
  let drawn = false;
  return {
    bytes: (length) => systemRandom.bytes(length),
    int(below) {
      if (drawn || below !== 4096) return systemRandom.int(below);
      drawn = true;
      return shortId;
    },
  };
}

function announce(): void {
  const line = {
    event: "ready",
    control: address,
    name: router.name,
    flavour: options.flavour,
    maxProtocol: options.maxProtocol,
    language: "ts",
    runtime: process.version,
  };
  writeSync(1, `${JSON.stringify(line)}\n`);
}

/** Writes at once, so that a killed peer's last lines are there. */
function standardErrorLogger(prefix: string): Logger {
  const write = (message: string) => {
    writeSync(2, `${prefix}${new Date().toISOString()} ${message}\n`);
  };
  return { debug: write, info: write, warn: write, error: write };
}
