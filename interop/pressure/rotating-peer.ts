/**
 * A TypeScript peer that accepts several passwords, and asks all the time whether another can be reached.
 *
 *     node --expose-gc --import tsx rotating-peer.ts HOST:PORT NAME OTHER-NAME TARGET PASSWORD...
 *
 * TARGET may be empty: two that name each other dial again and again, and now and then replace the live connection.
 *
 * Its commands (interop/driver/serve-commands.ts) are `watch`, which sends a message every 50 ms from then on, `stop`, and
 * `report`, which returns the numbers of messages sent and received.
 */
import { type GossipData, PeerName, Router } from "weave-mesh";
import { serveCommands } from "../driver/serve-commands.ts";

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

let sent = 0;
const failures: string[] = [];
let watching: NodeJS.Timeout | undefined;
serveCommands(
  {
    watch() {
      watching = setInterval(() => {
        sent++;
        channel.unicast(PeerName.parse(otherName), new Uint8Array(8)).catch((error: Error) => {
          failures.push(`${new Date().toISOString()} ${error.message}`);
        });
      }, everyMs);
      return {};
    },
    stop() {
      clearInterval(watching);
      return {};
    },
    report: () => ({ sent, failures, received: Object.fromEntries(received) }),
  },
  () => router.stop({ timeoutMs: 500 }),
);
