import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import test from "ava";
import type { OpaqueData } from "../../src/gossip/gossiper.ts";
import { GossipSenders, SharedBudget, SurrogateData, SurrogateGossiper } from "../../src/gossip/index.ts";
import type { SenderChannel } from "../../src/gossip/sender.ts";
import type { PeerName } from "../../src/peer-name.ts";
import { FakeConnection } from "./fake-connection.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes of heap and of buffers outside of it, after a collection. */
function memory(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

for (const [payload, sources] of [
  [0, 1],
  [64, 1],
  [100, 1],
  [1000, 1],
  [0, 10_000],
  [100, 10_000],
] as const) {
  test.serial(
    `backlog: ${payload} bytes of ${sources} sources take no more memory than they count`,
    async (t) => {
      const connection = new FakeConnection("::2");
      connection.room = 0;
      const unlimited = Number.MAX_SAFE_INTEGER;
      const senders = new GossipSenders(connection, new SharedBudget(unlimited), unlimited);
      const channel: SenderChannel = { sendGossip() {}, sendBroadcast() {}, report() {} };
      const count = 10_000;
      const before = memory();
      const chunk = new Uint8Array(64 * 1024);
      for (let i = 0; i < count; i++) {
        const source = `source-${i % sources}` as PeerName;
        const data = SurrogateData.of(chunk.subarray(0, payload)) as unknown as OpaqueData;
        // Each source has a channel of its own, which is the most that a remote peer can make of it.
        senders.add(sources === 1 ? channel : { ...channel }, (sender) =>
          sender.addBroadcast(source, data, 1),
        );
      }
      await turn();
      const taken = (memory() - before) / count;
      const counted = senders.backlogBytes / count;
      t.log(`${taken.toFixed(0)} bytes a message, counted as ${counted.toFixed(0)}`);
      t.true(taken < counted * 1.1);
      t.true(taken > counted / 3, "the figures say something about the memory");
    },
  );
}

test.serial("surrogate: a remembered update takes at most 160 bytes", (t) => {
  const gossiper = new SurrogateGossiper({ now: () => 1_767_225_600_000.5, gossipIntervalMs: 30_000 });
  const before = memory();
  const count = 40_000;
  for (let i = 0; i < count; i++) gossiper.onGossip(new Uint8Array(Uint32Array.of(i).buffer));
  const taken = (memory() - before) / count;
  t.log(`${taken.toFixed(0)} bytes`);
  t.is(gossiper.held, count);
  t.true(taken < 160);
});
