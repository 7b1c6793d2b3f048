import test from "ava";
import { type FollowedMessage, FollowingGossiper } from "../../src/cli/following-gossiper.ts";
import { PeerName } from "../../src/index.ts";

const source = PeerName.parse("00:00:00:00:00:02");
const update = (text: string): Uint8Array => new TextEncoder().encode(text);

function follower() {
  const followed: FollowedMessage[] = [];
  const time = { now: 1_000_000 };
  const gossiper = new FollowingGossiper({
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
  const gossiper = new FollowingGossiper({
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
