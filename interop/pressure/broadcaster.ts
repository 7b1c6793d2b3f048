/**
 * A TypeScript peer that broadcasts 100,000 updates, as fast as it takes some 20 s, and says what it holds.
 *
 *     node --expose-gc --import tsx broadcaster.ts HOST:PORT TARGET merging|appending
 *
 * Its commands (interop/driver/serve-commands.ts) are `broadcast`, which answers when all is sent, and `measure`.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Channel, type GossipData, PeerName, Router } from "weave-mesh";
import { serveCommands } from "../driver/serve-commands.ts";
import { heldBytes } from "./memory.ts";
import { EveryUpdate, encodeUpdate, keys, LatestUpdates } from "./updates.ts";

const updates = 100_000;
const atOnce = 500;
const pauseMs = 80;

const [address = "", target = "", kind] = process.argv.slice(2);
const [host = "", port] = address.split(":");
const router = new Router({
  name: PeerName.parse("::b"),
  nickname: "broadcaster",
  host,
  port: Number(port),
  peerDiscovery: false,
});
await router.start();
router.connect([target]);

const broadcast = kind === "merging" ? merging() : appending();
let before = 0;
serveCommands(
  {
    async broadcast() {
      before = await heldBytes();
      await broadcastAll();
      return {};
    },
    measure: async () => ({ grownBytes: (await heldBytes()) - before }),
  },
  () => router.stop({ timeoutMs: 100 }),
);

async function broadcastAll(): Promise<void> {
  for (let update = 0; update < updates; update++) {
    broadcast(update % keys, Math.floor(update / keys));
    if (update % atOnce === 0) await sleep(pauseMs);
  }
}

function merging(): (key: number, version: number) => void {
  const channel = register<LatestUpdates>();
  return (key, version) => channel.broadcast(new LatestUpdates(new Map([[key, encodeUpdate(key, version)]])));
}

function appending(): (key: number, version: number) => void {
  const channel = register<EveryUpdate>();
  return (key, version) => channel.broadcast(new EveryUpdate(encodeUpdate(key, version)));
}

/** The channel `state`, on which nothing comes back. */
function register<D extends GossipData<D>>(): Channel<D> {
  return router.channel<D>("state", {
    onUnicast() {},
    onBroadcast: () => undefined,
    gossip: () => undefined,
    onGossip: () => undefined,
  });
}
