import test from "ava";
import { Target } from "../../src/router/target.ts";
import { parseTarget } from "../../src/router/target-address.ts";
import { seededRandom } from "../../src/testing.ts";
import { TestMesh, type TestPeer } from "./mesh.ts";
import { RawPeer } from "./raw-peer.ts";

const attempts = (peer: TestPeer, address?: string): number =>
  peer.log.filter((line) => line.endsWith("attempting connection") && line.includes(address ?? "")).length;

test("connecting: targets are a host with or without a port, IPv6 in every form", (t) => {
  t.deepEqual(
    ["10.0.0.7", "10.0.0.7:6783", "seed.example:http", "[::1]", "[::1]:6783", "::1", "host:"].map(
      parseTarget,
    ),
    [
      { host: "10.0.0.7", port: "0" },
      { host: "10.0.0.7", port: "6783" },
      { host: "seed.example", port: "http" },
      { host: "::1", port: "0" },
      { host: "::1", port: "6783" },
      { host: "::1", port: "0" },
      { host: "host", port: "0" },
    ],
  );
  for (const text of ["", ":80", "a:b:c", "host:6-7", "[::1]:99999"])
    t.throws(() => parseTarget(text), { code: "invalid-target" });
});

test("connecting: intervals grow by half from 2 s to 6 minutes, each wait is between half and one and a half", (t) => {
  const target = new Target(0);
  const random = seededRandom(t.title);
  let interval = 2_000;
  for (let i = 0; i < 30; i++) {
    target.tryLater(0, random);
    const wait = target.tryAfterMs!;
    t.true(wait >= interval / 2 && wait < interval * 1.5, `${wait} of ${interval}`);
    interval = Math.min(interval * 1.5, 360_000);
  }
  t.is(interval, 360_000);
});

test("connecting: a target is tried again until it answers", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  a.router.connect(["10.0.0.2:6783"]);
  await mesh.clock.advance(60_000);
  t.true(attempts(a) >= 4);
  t.true(a.log.some((line) => line.includes("error during connection attempt: dial tcp")));
  const b = await mesh.start(2);
  await mesh.untilAgreed(t, [a, b], 60_000);
});

test("connecting: a connection that ends after a minute is dialled again at once, an early end waits", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  await mesh.start(2);
  a.router.connect(["10.0.0.2"]);
  await mesh.until(t, "connected", () => a.events.includes("connectionestablished"));
  await mesh.clock.advance(61_000);
  mesh.network.reset("10.0.0.1");
  await mesh.clock.advance(10);
  t.is(attempts(a), 2);
  await mesh.clock.advance(5_000);
  mesh.network.reset("10.0.0.1");
  await mesh.clock.advance(900);
  t.is(attempts(a), 2);
  await mesh.clock.advance(3_000);
  t.is(attempts(a), 3);
});

test("connecting: a target without a port is not dialled while its host has dialled us", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  const b = await mesh.start(2);
  b.router.connect([a.ip]);
  await mesh.until(t, "connected", () => a.events.includes("connectionestablished"));
  a.router.connect([b.ip]);
  await mesh.clock.advance(60_000);
  t.is(attempts(a), 0);
  t.deepEqual(a.router.targets(), [b.ip]);
  t.deepEqual(
    a.router.status().connections.map(({ state }) => state),
    ["established"],
  );
  b.router.forget([a.ip]);
  mesh.network.reset(b.ip);
  await mesh.clock.advance(10);
  t.is(attempts(a), 1);
});

test("connecting: a target with a port is dialled although its peer has dialled us, and the tie leaves one", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  const b = await mesh.start(2);
  b.router.connect([a.ip]);
  await mesh.untilAgreed(t);
  a.router.connect([`${b.ip}:6783`]);
  await mesh.until(t, "dialled", () => attempts(a) > 0);
  await mesh.until(t, "a tie", () =>
    [...a.log, ...b.log].some((line) => line.includes("Multiple connections to")),
  );
  a.router.forget([`${b.ip}:6783`]);
  await mesh.untilAgreed(t);
  t.is(a.router.status().connections.filter(({ state }) => state === "established").length, 1);
});

test("connecting: of two connections made at the same time, both sides keep the same one", async (t) => {
  for (let round = 0; round < 20; round++) {
    const mesh = new TestMesh(`${t.title} ${round}`, { latencyMs: 20 });
    const a = await mesh.start(1, { peerDiscovery: false });
    const b = await mesh.start(2, { peerDiscovery: false });
    a.router.connect([b.ip]);
    b.router.connect([a.ip]);
    await mesh.clock.advance(200);
    const [atA] = a.router.status().connections;
    const [atB] = b.router.status().connections;
    if (atA === undefined || atB === undefined) continue;
    t.is(atA.outbound, !atB.outbound);
    await mesh.untilAgreed(t);
  }
});

test("connecting: forgetting takes the very text that named the target, and closes nothing", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1, { peerDiscovery: false });
  const b = await mesh.start(2, { peerDiscovery: false });
  a.router.connect([b.ip]);
  await mesh.untilAgreed(t);
  a.router.forget([`${b.ip}:6783`]);
  t.deepEqual(a.router.targets(), [b.ip]);
  a.router.forget([b.ip]);
  t.deepEqual(a.router.targets(), []);
  await mesh.clock.advance(10_000);
  t.is(a.router.status().connections.length, 1);
  await mesh.stop(b);
  await mesh.clock.advance(600_000);
  t.is(attempts(a), 1);
});

test("connecting: replacing targets forgets the others", (t) => {
  const mesh = new TestMesh(t.title);
  const a = mesh.make(1);
  a.router.connect(["10.0.0.2", "10.0.0.3"]);
  a.router.connect(["10.0.0.4"], { replace: true });
  t.deepEqual(a.router.targets(), ["10.0.0.4"]);
});

test("connecting: a host name is resolved at every attempt, and all its addresses are tried", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1, { peerDiscovery: false });
  mesh.network.setName("seed.example", "10.0.0.8", "10.0.0.2");
  const b = await mesh.start(2, { peerDiscovery: false });
  mesh.network.host("10.0.0.8");
  a.router.connect(["seed.example"]);
  await mesh.untilAgreed(t, [a, b]);
  t.is(a.router.status().connections[0]?.address, "10.0.0.2:6783");
  mesh.network.crash("10.0.0.2");
  mesh.network.setName("seed.example", "10.0.0.3");
  const c = await mesh.start(3, { peerDiscovery: false });
  await mesh.untilAgreed(t, [a, c], 60_000);
});

test("connecting: a name whose address is connected already is not dialled", async (t) => {
  const mesh = new TestMesh(t.title);
  mesh.network.setName("seed.example", "10.0.0.2");
  const a = await mesh.start(1, { peerDiscovery: false });
  const b = await mesh.start(2, { peerDiscovery: false });
  b.router.connect([a.ip]);
  await mesh.untilAgreed(t);
  a.router.connect(["seed.example"]);
  await mesh.clock.advance(600_000);
  t.is(a.router.status().connections.length, 1);
  t.is(b.log.filter((line) => line.endsWith("connection accepted")).length, 0);
});

test("connecting: discovery tries an inbound peer's host at our own port", async (t) => {
  const mesh = new TestMesh(t.title);
  const [a, b, c] = [await mesh.start(1), await mesh.start(2), await mesh.start(3, { peerDiscovery: false })];
  a.router.connect([b.ip]);
  c.router.connect([b.ip]);
  await mesh.until(t, "a finds c", () => attempts(a, "10.0.0.3:6783") > 0);
  await mesh.untilAgreed(t, [a, b, c]);
  t.is(a.router.status().connections.length, 2);
});

test("connecting: IPv6 peers find each other by discovery", async (t) => {
  const mesh = new TestMesh(t.title);
  const host = (n: number) => ({ transport: mesh.network.host(`fd00::${n}`), host: "" });
  const [a, b, c] = [
    await mesh.start(1, host(1)),
    await mesh.start(2, host(2)),
    await mesh.start(3, host(3)),
  ];
  a.router.connect(["fd00::2"]);
  c.router.connect(["[fd00::2]:6783"]);
  await mesh.until(t, "full mesh", () =>
    [a, b, c].every(({ router }) => router.status().connections.length === 2),
  );
  await mesh.untilAgreed(t);
  t.true(a.router.status().connections.some(({ address }) => address === "[fd00::2]:6783"));
});

test("connecting: the connection limit stops dialling, too", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1, { connectionLimit: 1 });
  for (const n of [2, 3]) await mesh.start(n, { peerDiscovery: false });
  a.router.connect(["10.0.0.2"]);
  await mesh.until(t, "one", () => a.events.includes("connectionestablished"));
  a.router.connect(["10.0.0.3"]);
  await mesh.clock.advance(100);
  t.true(a.log.includes("->[10.0.0.3:6783] error during connection attempt: Connection limit reached (1)"));
});

test("connecting: accepting is a burst of twenty, then one each 50 ms", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  await mesh.clock.advance(2_000);
  const outside = mesh.network.host(RawPeer.ip);
  for (let i = 0; i < 40; i++) void outside.dial({ host: a.ip, port: 6783 });
  await mesh.clock.advance(10);
  const accepted = (): number => a.log.filter((line) => line.endsWith("connection accepted")).length;
  const burst = accepted();
  t.true(burst >= 20 && burst <= 22, `${burst} at first`);
  await mesh.clock.advance(250);
  t.is(accepted() - burst, 5);
});

test("connecting: a peer that only sends heartbeats stays", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1, { gossipIntervalMs: 0 });
  const b = await mesh.start(2, { gossipIntervalMs: 0 });
  a.router.connect([b.ip]);
  await mesh.untilAgreed(t);
  await mesh.clock.advance(3_600_000);
  t.is(a.events.filter((event) => event.startsWith("connectionclosed")).length, 0);
});

test("connecting: a peer that is cut off is dropped when 60 s have passed without a message", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  const b = await mesh.start(2);
  a.router.connect([b.ip]);
  await mesh.untilAgreed(t);
  mesh.network.cut(a.ip, b.ip);
  await mesh.clock.advance(29_000);
  t.is(a.router.peers().length, 2);
  await mesh.clock.advance(31_500);
  t.true(a.events.includes("connectionclosed timeout"));
  t.deepEqual(
    a.router.peers().map(({ name }) => name),
    [a.name],
  );
  mesh.network.heal(a.ip, b.ip);
  await mesh.untilAgreed(t, [a, b], 120_000);
});

test("connecting: dialling many targets at a time is no leak that Node warns of", async (t) => {
  const mesh = new TestMesh(t.title);
  const warnings: string[] = [];
  const warned = (warning: Error): void => void warnings.push(warning.name);
  process.on("warning", warned);
  t.teardown(() => process.off("warning", warned));
  const a = await mesh.start(1);
  a.router.connect(Array.from({ length: 20 }, (_, i) => `10.0.1.${i}:6783`));
  await mesh.clock.advance(50);
  await new Promise((resolve) => setImmediate(resolve));
  t.is(attempts(a), 20);
  t.false(warnings.includes("MaxListenersExceededWarning"));
});
