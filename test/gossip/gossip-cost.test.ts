import test from "ava";
import type { OpaqueData } from "../../src/gossip/gossiper.ts";
import { GossipSenders, SharedBudget, SurrogateData, SurrogateGossiper } from "../../src/gossip/index.ts";
import type { SenderChannel } from "../../src/gossip/sender.ts";
import type { PeerName } from "../../src/peer-name.ts";
import { assertGrowth } from "../cost/growth.ts";
import { FakeConnection } from "./fake-connection.ts";

const channel: SenderChannel = {
  sendGossip: (connection, payload) => connection.send(4, payload),
  sendBroadcast: (connection, _source, payload) => connection.send(6, payload),
  report() {},
};
const message = (): OpaqueData => SurrogateData.of(new Uint8Array(8)) as unknown as OpaqueData;

function stalled(limit?: number, total?: SharedBudget) {
  const connection = new FakeConnection("::2");
  connection.room = 0;
  return { connection, senders: new GossipSenders(connection, total, limit) };
}

test.serial("cost: messages beyond the budget of a connection", async (t) => {
  await assertGrowth(t, {
    name: "drop",
    prepare: (n) => ({ n, ...stalled(100_000) }),
    run: ({ n, senders }) => {
      for (let i = 0; i < n; i++) senders.add(channel, (sender) => sender.addGossip(message()));
    },
  });
});

test.serial("cost: messages beyond the budget of all connections", async (t) => {
  await assertGrowth(t, {
    name: "drop for all",
    prepare: (n) => {
      const total = new SharedBudget(1_000_000);
      return { n, all: Array.from({ length: 50 }, () => stalled(undefined, total)) };
    },
    run: ({ n, all }) => {
      for (let i = 0; i < n; i++) {
        all[i % all.length]!.senders.add(channel, (sender) => sender.addGossip(message()));
      }
    },
  });
});

test.serial("cost: broadcasts of many sources wait and go out one by one", async (t) => {
  await assertGrowth(t, {
    name: "sources",
    prepare: (n) => ({ n, ...stalled() }),
    run: ({ n, connection, senders }) => {
      for (let i = 0; i < n; i++) {
        senders.add(channel, (sender) => sender.addBroadcast(`source-${i}` as PeerName, message(), 8));
      }
      for (let i = 0; i < n; i++) {
        connection.room = 1;
        senders.deliver();
      }
    },
  });
});

test.serial("cost: distinct gossip on a surrogate channel", async (t) => {
  await assertGrowth(t, {
    name: "distinct gossip",
    prepare: (n) => {
      let now = 0;
      const memory = new SharedBudget(n / 4);
      return { n, gossiper: new SurrogateGossiper({ now: () => now++, gossipIntervalMs: n / 8, memory }) };
    },
    run: ({ n, gossiper }) => {
      for (let i = 0; i < n; i++) gossiper.onGossip(new Uint8Array(Uint32Array.of(i).buffer));
    },
  });
});
