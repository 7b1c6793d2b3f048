import test from "ava";
import {
  type FollowedMessage,
  RelayedMessages,
  RelayGossiper,
  relayBacklogBytes,
} from "../../src/cli/relay-gossiper.ts";
import { PeerName } from "../../src/index.ts";

const source = PeerName.parse("00:00:00:00:00:02");
const update = (text: string): Uint8Array => new TextEncoder().encode(text);

function follower() {
  const followed: FollowedMessage[] = [];
  const time = { now: 1_000_000 };
  const gossiper = new RelayGossiper({
    follow: (message) => {
      followed.push(message);
    },
    now: () => time.now,
    gossipIntervalMs: 30_000,
  });
  return { gossiper, followed, time };
}

test("follower: a unicast is told and goes no further", async (t) => {
  const { gossiper, followed } = follower();
  t.is(await gossiper.onUnicast(source, update("a")), undefined);
  t.deepEqual(followed, [{ event: "unicast", source, payload: update("a") }]);
});

test("follower: broadcasts are told and relayed, repeated ones too", async (t) => {
  const { gossiper, followed } = follower();
  for (let time = 0; time < 2; time++) {
    const data = await gossiper.onBroadcast(source, update("a"));
    t.deepEqual(data.encode(), [update("a")]);
  }
  t.is(followed.length, 2);
});

test("follower: gossip is told and relayed once", async (t) => {
  const { gossiper, followed } = follower();
  t.deepEqual((await gossiper.onGossip(update("a")))?.encode(), [update("a")]);
  t.is(await gossiper.onGossip(update("a")), undefined);
  t.deepEqual((await gossiper.onGossip(update("b")))?.encode(), [update("b")]);
  t.deepEqual(followed, [
    { event: "gossip", payload: update("a") },
    { event: "gossip", payload: update("b") },
  ]);
});

test("follower: on a quiet channel a repetition stays dropped, however late it comes", async (t) => {
  const { gossiper, time } = follower();
  await gossiper.onGossip(update("a"));
  time.now += 1_000_000;
  t.is(await gossiper.onGossip(update("a")), undefined);
});

test("follower: other gossip makes it forget what is older than a gossip interval", async (t) => {
  const { gossiper, time } = follower();
  await gossiper.onGossip(update("a"));
  time.now += 1;
  await gossiper.onGossip(update("b"));
  time.now += 29_999;
  await gossiper.onGossip(update("c"));
  t.not(await gossiper.onGossip(update("a")), undefined, "30 s old");
  t.is(await gossiper.onGossip(update("b")), undefined, "younger");
});

test("follower: there is no state to gossip", (t) => {
  t.is(follower().gossiper.gossip(), undefined);
});

test("follower: who is slow to follow is waited for", async (t) => {
  let goOn = (): void => {};
  const gossiper = new RelayGossiper({
    follow: () =>
      new Promise((resolve) => {
        goOn = resolve;
      }),
    now: () => 0,
    gossipIntervalMs: 30_000,
  });
  let relayed = false;
  const relaying = gossiper.onBroadcast(source, update("a")).then(() => {
    relayed = true;
  });
  await Promise.resolve();
  t.false(relayed);
  goOn();
  await relaying;
  t.true(relayed);
});

test("relayed messages: merging keeps both in order and changes neither", (t) => {
  const first = new RelayedMessages([update("a"), update("b")]);
  const second = new RelayedMessages([update("c")]);
  t.deepEqual(first.merge(second).encode(), [update("a"), update("b"), update("c")]);
  t.deepEqual(first.encode(), [update("a"), update("b")]);
  t.deepEqual(second.encode(), [update("c")]);
});

test("relayed messages: beyond the limit the oldest are given up, never the newest", (t) => {
  const half = (byte: number) => new RelayedMessages([new Uint8Array(relayBacklogBytes / 2).fill(byte)]);
  const two = half(1).merge(half(2));
  t.is(two.encode().length, 2);
  t.deepEqual(
    two
      .merge(new RelayedMessages([update("a")]))
      .encode()
      .map((message) => message[0]),
    [2, 0x61],
  );
  const huge = new RelayedMessages([new Uint8Array(relayBacklogBytes + 1)]);
  t.is(two.merge(huge).encode().length, 1);
});
