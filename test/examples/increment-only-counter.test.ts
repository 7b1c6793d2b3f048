import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { parseFlags } from "../../examples/increment-only-counter/flags.ts";
import { CounterPeer } from "../../examples/increment-only-counter/peer.ts";
import { CounterState, decodeCounts, encodeCounts } from "../../examples/increment-only-counter/state.ts";
import { type Flavour, PeerName } from "../../src/index.ts";

type Counts = Record<number, number>;

const name = (number: number): PeerName => PeerName.fromUint(number);
const map = (counts: Counts): Map<PeerName, number> =>
  new Map(Object.entries(counts).map(([number, count]) => [name(Number(number)), count]));
const message = (counts: Counts): Uint8Array => encodeCounts(map(counts), "mac");

/** A peer that knows `counts`, and what it logs. */
function peerWith(counts: Counts): { peer: CounterPeer; log: string[] } {
  const log: string[] = [];
  const peer = new CounterPeer(name(999), "mac", (line) => log.push(line));
  peer.onUnicast(name(0), message(counts));
  log.length = 0;
  return { peer, log };
}

// The bytes of Go's gob.Encoder for map[uint64-kind]int and map[string-kind]int, with type id 65.
const encoded: [Flavour, PeerName, number, string][] = [
  ["mac", name(1), 5, "0eff81040102ff820001060104000006ff820001010a"],
  ["hash", PeerName.parse("ab", "hash"), -1, "0eff81040102ff8200010c0104000008ff82000102616201"],
];

for (const [flavour, peer, count, hex] of encoded) {
  test(`counter: counts are a gob map, in the ${flavour} flavour`, (t) => {
    const counts = new Map([[peer, count]]);
    t.is(Buffer.from(encodeCounts(counts, flavour)).toString("hex"), hex);
    t.deepEqual(decodeCounts(Buffer.from(hex, "hex"), flavour), counts);
  });
}

test("counter: no counts are a message, too", (t) => {
  t.is(Buffer.from(message({})).toString("hex"), "0eff81040102ff820001060104000004ff820000");
});

// Known before, what comes, and what of it was new.
const updates: [Counts, Counts, Counts][] = [
  [{}, { 123: 1, 456: 2 }, { 123: 1, 456: 2 }],
  [{ 123: 1 }, { 123: 0, 456: 2 }, { 456: 2 }],
  [{ 123: 9 }, { 123: 8 }, {}],
  [{ 456: 3 }, { 123: 1, 456: 2 }, { 123: 1 }],
];

for (const [initial, update, novel] of updates) {
  const title = `${JSON.stringify(update)} when ${JSON.stringify(initial)} is known`;

  test(`counter: of gossip, what was new goes on, if anything was: ${title}`, (t) => {
    const { peer } = peerWith(initial);
    const delta = peer.onGossip(message(update));
    t.deepEqual(delta?.counts, Object.keys(novel).length > 0 ? map(novel) : undefined);
  });

  test(`counter: of a broadcast, what was new goes on, be it nothing: ${title}`, (t) => {
    const { peer } = peerWith(initial);
    t.deepEqual(peer.onBroadcast(name(0), message(update)).counts, map(novel));
  });

  test(`counter: of a unicast, all is taken in: ${title}`, (t) => {
    const { peer } = peerWith(initial);
    peer.onUnicast(name(0), message(update));
    t.deepEqual(new Map([...peer.gossip().counts].sort()), map({ ...initial, ...novel }));
  });
}

test("counter: it logs what the original's example logs", (t) => {
  const { peer, log } = peerWith({ 1: 1 });
  peer.onGossip(message({ 2: 3, 1: 5 }));
  peer.onGossip(message({ 1: 1 }));
  peer.onBroadcast(name(2), message({ 1: 6, 2: 0 }));
  peer.gossip();
  peer.incr();
  t.deepEqual(log, [
    "OnGossip map[00:00:00:00:00:01:5 00:00:00:00:00:02:3] => delta map[00:00:00:00:00:01:5 00:00:00:00:00:02:3]",
    "OnGossip map[] => delta <nil>",
    "OnGossipBroadcast 00:00:00:00:00:02 map[00:00:00:00:00:01:6] => delta map[00:00:00:00:00:01:6]",
    "Gossip => complete map[00:00:00:00:00:01:6 00:00:00:00:00:02:3]",
    "no sender configured; not broadcasting update right now",
  ]);
});

test("counter: data that waits to be sent does not change", (t) => {
  const { peer } = peerWith({ 1: 1 });
  const before = peer.gossip();
  peer.incr();
  t.is(peer.get(), 2);
  t.is(before.total, 1);
  const merged = before.merge(new CounterState(map({ 1: 4, 2: 2 }), "mac"));
  t.deepEqual(merged.counts, map({ 1: 4, 2: 2 }));
  t.is(before.total, 1);
});

test("counter: a message that is no counts is an error", (t) => {
  t.throws(() => peerWith({}).peer.onGossip(Uint8Array.of(1, 2, 3)));
});

test("counter: flags are written as Go takes them", (t) => {
  const defaults = new Map([
    ["http", ":8080"],
    ["password", ""],
  ]);
  const flags = parseFlags(
    ["-http", ":1", "--peer=b", "-peer", "a", "--peer", "b", "-password=-x", "rest"],
    defaults,
  );
  t.deepEqual(Object.fromEntries(flags.single), { http: ":1", password: "-x" });
  t.deepEqual(flags.peers, ["a", "b"]);
  t.throws(() => parseFlags(["-nick", "x"], defaults), { message: "flag provided but not defined: -nick" });
  t.throws(() => parseFlags(["-http"], defaults), { message: "flag needs an argument: -http" });
});

const main = fileURLToPath(new URL("../../examples/increment-only-counter/main.ts", import.meta.url));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Starts the example as a process and returns its HTTP address. */
function start(t: ExecutionContext, number: number, mesh: number, http: number, ...flags: string[]) {
  const own = ["-hwaddr", `00:00:00:00:00:0${number}`, "-nickname", `n${number}`];
  const addresses = ["-mesh", `127.0.0.1:${mesh}`, "-http", `127.0.0.1:${http}`];
  const child = spawn(process.execPath, ["--import=tsx", main, ...own, ...addresses, ...flags], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  const log: string[] = [];
  child.stderr.on("data", (chunk) => log.push(String(chunk)));
  return { child, log, url: `http://127.0.0.1:${http}/` };
}

/** Asks until the answer is the one expected, or the test times out. */
async function answer(url: string, expected: string): Promise<void> {
  for (;;) {
    const text = await fetch(url, { headers: { connection: "close" } }).then(
      (response) => response.text(),
      () => undefined,
    );
    if (text === expected) return;
    await delay(50);
  }
}

test("counter: two processes count together over HTTP", async (t) => {
  const [mesh1, mesh2, http1, http2] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const first = start(t, 1, mesh1, http1);
  const second = start(t, 2, mesh2, http2, "--peer", `127.0.0.1:${mesh1}`);
  await answer(first.url, "get => 0\n");
  await answer(second.url, "get => 0\n");
  const post = await fetch(`${first.url}any/path`, { method: "POST" });
  t.is(await post.text(), "incr => 1\n");
  t.is(post.headers.get("content-type"), "text/plain; charset=utf-8");
  await answer(second.url, "get => 1\n");
  t.is(await (await fetch(second.url, { method: "PUT" })).text(), "");
  first.child.kill("SIGINT");
  const [status] = await once(first.child, "close");
  t.is(status, 0);
  t.regex(first.log.join(""), /n1> \d{4}\/.* mesh router starting \(127\.0\.0\.1:\d+\)\n/);
  t.regex(
    first.log.join(""),
    /HTTP server starting \(127\.0\.0\.1:\d+\)\n(.*\n)*.*interrupt\n.*mesh router stopping\n/,
  );
});
