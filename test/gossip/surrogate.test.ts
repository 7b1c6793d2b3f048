import test from "ava";
import {
  maxRememberedGossips,
  SharedBudget,
  SurrogateData,
  SurrogateGossiper,
} from "../../src/gossip/index.ts";
import { PeerName } from "../../src/peer-name.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (data: SurrogateData | undefined): string[] | undefined =>
  data?.encode().map((message) => new TextDecoder().decode(message));

function surrogate(gossipIntervalMs = 30_000) {
  const clock = { nowMs: 0 };
  return { clock, gossiper: new SurrogateGossiper({ now: () => clock.nowMs, gossipIntervalMs }) };
}

test("surrogate: passes on gossip that it has not seen, and drops what repeats byte for byte", (t) => {
  const { gossiper } = surrogate();
  t.deepEqual(texts(gossiper.onGossip(bytes("one"))), ["one"]);
  t.is(gossiper.onGossip(bytes("one")), undefined);
  t.deepEqual(texts(gossiper.onGossip(bytes("two"))), ["two"]);
});

test("surrogate: remembers past the gossip interval while no other gossip comes", (t) => {
  const { gossiper, clock } = surrogate();
  gossiper.onGossip(bytes("one"));
  clock.nowMs = 3_600_000;
  t.is(gossiper.onGossip(bytes("one")), undefined);
});

test("surrogate: other gossip makes it forget what is older than one interval", (t) => {
  const { gossiper, clock } = surrogate();
  gossiper.onGossip(bytes("one"));
  clock.nowMs = 29_999;
  gossiper.onGossip(bytes("two"));
  t.is(gossiper.onGossip(bytes("one")), undefined);
  clock.nowMs = 30_000;
  gossiper.onGossip(bytes("three"));
  t.deepEqual(texts(gossiper.onGossip(bytes("one"))), ["one"]);
  t.is(gossiper.onGossip(bytes("two")), undefined);
});

test("surrogate: relays every broadcast, swallows unicasts and has nothing of its own to tell", (t) => {
  const { gossiper } = surrogate();
  const source = PeerName.parse("::1");
  t.deepEqual(texts(gossiper.onBroadcast(source, bytes("one"))), ["one"]);
  t.deepEqual(texts(gossiper.onBroadcast(source, bytes("one"))), ["one"]);
  t.is(gossiper.onUnicast(source, bytes("one")), undefined);
  t.is(gossiper.gossip(), undefined);
});

test("surrogate data: merging appends and changes neither side", (t) => {
  const [a, b] = [SurrogateData.of(bytes("a")), SurrogateData.of(bytes("b"))];
  const ab = a.merge(b);
  const abb = ab.merge(b);
  t.deepEqual([a, b, ab, abb].map(texts), [["a"], ["b"], ["a", "b"], ["a", "b", "b"]]);
  t.is(abb.byteLength, 3);
});

test("surrogate data: a hundred thousand merges encode without exhausting the stack", (t) => {
  let data = SurrogateData.of(bytes("x"));
  for (let i = 1; i < 100_000; i++) data = data.merge(SurrogateData.of(bytes("x")));
  t.is(data.encode().length, 100_000);
  t.is(data.byteLength, 100_000);
});

test("surrogate: all together remember a limited number, and those that remember most forget first", (t) => {
  const memory = new SharedBudget(1000);
  const make = () => new SurrogateGossiper({ now: () => 0, gossipIntervalMs: 30_000, memory });
  const [flooded, quiet] = [make(), make()];
  quiet.onGossip(bytes("quiet"));
  for (let i = 0; i < 10_000; i++) flooded.onGossip(bytes(`flood ${i}`));
  t.true(flooded.held <= 1000);
  t.true(flooded.held >= 900);
  t.is(memory.used, flooded.held + 1);
  t.is(quiet.onGossip(bytes("quiet")), undefined);
  t.is(flooded.onGossip(bytes("flood 9999")), undefined);
  t.not(flooded.onGossip(bytes("flood 0")), undefined);
  flooded.forget();
  t.is(memory.used, 1);
});

test("surrogate: one alone remembers as many as all of a router", (t) => {
  const { gossiper } = surrogate();
  for (let i = 0; i <= maxRememberedGossips; i++) gossiper.onGossip(new Uint8Array(Uint32Array.of(i).buffer));
  t.true(gossiper.held <= maxRememberedGossips);
  t.true(gossiper.held > maxRememberedGossips * 0.9);
});
