/**
 * A TypeScript peer in the middle, which does nothing but watch what it holds.
 *
 *     node --expose-gc --import tsx relay.ts HOST:PORT [PASSWORD]
 *
 * Its command `measure` (interop/driver/serve-commands.ts) returns the largest growth since the first one.
 */
import { PeerName, Router } from "weave-mesh";
import { serveCommands } from "../driver/serve-commands.ts";
import { heldBytes } from "./memory.ts";

const sampleMs = 250;

const [address = "", password] = process.argv.slice(2);
const [host = "", port] = address.split(":");
const router = new Router({
  name: PeerName.parse("::b"),
  nickname: "relay",
  host,
  port: Number(port),
  password,
  peerDiscovery: false,
});
await router.start();

let before: number | undefined;
let most = 0;
const sampling = setInterval(async () => {
  if (before !== undefined) most = Math.max(most, (await heldBytes()) - before);
}, sampleMs);
serveCommands(
  {
    async measure() {
      before ??= await heldBytes();
      return { grownBytes: most };
    },
  },
  async () => {
    clearInterval(sampling);
    await router.stop({ timeoutMs: 100 });
  },
);
