/**
 * A TypeScript peer that accepts several passwords, and asks all the time whether another can be reached.
 *
 *     node --expose-gc --import tsx rotating-peer.ts HOST:PORT NAME OTHER-NAME TARGET PASSWORD...
 *
 * TARGET may be empty: two that name each other dial again and again, and now and then replace the live connection.
 *
 * A line `watch` on standard input begins the asking, every 50 ms; a line `report` says what came of it.
 */
import { createInterface } from "node:readline";
import { type GossipData, PeerName, Router } from "weave-mesh";
import { tell } from "./memory.ts";

const everyMs = 50;

const [address = "", name = "", otherName = "", target = "", ...passwords] = process.argv.slice(2);
const [host = "", port] = address.split(":");
const write = (line: string): void => void process.stderr.write(`${new Date().toISOString()} ${line}\n`);
const router = new Router({
  name: PeerName.parse(name),
  nickname: `ts-${name}`,
  host,
  port: Number(port),
  password: passwords,
  logger: { debug: write, info: write, warn: write, error: write },
});

/** Messages by their source. */
const received = new Map<string, number>();
const channel = router.channel<Nothing>("default", {
  onUnicast: (source) => void received.set(source, (received.get(source) ?? 0) + 1),
  onBroadcast: () => undefined,
  gossip: () => undefined,
  onGossip: () => undefined,
});
interface Nothing extends GossipData<Nothing> {}

await router.start();
if (target !== "") router.connect([target]);
tell("ready");

let sent = 0;
const failures: string[] = [];
let watching: NodeJS.Timeout | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "watch") {
    watching = setInterval(() => {
      sent++;
      channel.unicast(PeerName.parse(otherName), new Uint8Array(8)).catch((error: Error) => {
        failures.push(`${new Date().toISOString()} ${error.message}`);
      });
    }, everyMs);
  } else if (line === "stop watching") {
    clearInterval(watching);
    tell("stopped");
  } else if (line === "report") {
    tell("report", { sent, failures, received: Object.fromEntries(received) });
  }
}
await router.stop({ timeoutMs: 500 });
process.exit(0);
