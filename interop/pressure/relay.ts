/**
 * A TypeScript peer in the middle, which does nothing but watch what it holds.
 *
 *     node --expose-gc --import tsx relay.ts HOST:PORT [PASSWORD]
 *
 * A line `measure` on standard input asks for the most by which that has grown since the first one; its end is the end.
 */
import { createInterface } from "node:readline";
import { PeerName, Router } from "weave-mesh";
import { heldBytes, tell } from "./memory.ts";

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
tell("ready");

let before: number | undefined;
let most = 0;
const sampling = setInterval(async () => {
  if (before !== undefined) most = Math.max(most, (await heldBytes()) - before);
}, sampleMs);
for await (const line of createInterface({ input: process.stdin })) {
  if (line !== "measure") continue;
  before ??= await heldBytes();
  tell("measured", { grownBytes: most });
}
clearInterval(sampling);
await router.stop({ timeoutMs: 100 });
process.exit(0);
