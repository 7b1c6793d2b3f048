import test from "ava";
import { AddressOrder } from "../../src/router/address-order.ts";
import { TestMesh, type TestPeer } from "./mesh.ts";

const attempts = (peer: TestPeer): number =>
  peer.log.filter((line) => line.endsWith("attempting connection")).length;

test("names: addresses that have failed come last, the least recent failure first", (t) => {
  const order = new AddressOrder();
  const fail = (ip: string): void => {
    order.dialling(ip);
    order.failed();
  };
  order.failed(); // nothing was dialled yet
  t.deepEqual(order.arrange(["a", "b", "c"]), ["a", "b", "c"]);
  fail("a");
  fail("c");
  // Name servers change the order of their answers.
  t.deepEqual(order.arrange(["c", "b", "a"]), ["b", "a", "c"]);
  fail("b");
  fail("a");
  t.deepEqual(order.arrange(["a", "b", "c"]), ["c", "b", "a"]);
  order.dialling("b");
  order.lasted();
  t.deepEqual(order.arrange(["a", "b", "c"]), ["b", "c", "a"]);
});

test("names: an address that a name has lost is forgotten", (t) => {
  const order = new AddressOrder();
  order.dialling("a");
  order.failed();
  t.deepEqual(order.arrange(["b"]), ["b"]);
  t.deepEqual(order.arrange(["a", "b"]), ["a", "b"]);
});

test("names: a name that leads to ourselves and to others goes on to the others", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1, { peerDiscovery: false });
  const b = await mesh.start(2, { peerDiscovery: false });
  mesh.network.setName("mesh.example", a.ip, b.ip);
  a.router.connect(["mesh.example"]);
  await mesh.untilAgreed(t, [a, b], 10_000);
  t.true(a.log.some((line) => line.endsWith("cannot connect to ourself")));
});

test("names: a name that leads to ourselves only is tried again, with growing intervals", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1, { peerDiscovery: false });
  mesh.network.setName("mesh.example", a.ip);
  a.router.connect(["mesh.example"]);
  await mesh.clock.advance(600_000);
  t.true(attempts(a) >= 6 && attempts(a) <= 20, `${attempts(a)} attempts in ten minutes`);
  t.is(a.router.status().terminationCount, 0);
  t.deepEqual(a.router.targets({ activeOnly: true }), ["mesh.example"]);
  t.regex(a.router.status().connections[0]!.info, /^cannot connect to ourself, retry: 2026-/);
  const b = await mesh.start(2, { peerDiscovery: false });
  mesh.network.setName("mesh.example", a.ip, b.ip);
  await mesh.untilAgreed(t, [a, b], 1_100_000);
});

test("names: after a name collision a name is tried again, and may lead elsewhere", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1, { peerDiscovery: false });
  const twin = await mesh.start(2, { name: a.name, peerDiscovery: false });
  const b = await mesh.start(3, { peerDiscovery: false });
  mesh.network.setName("seed.example", twin.ip);
  a.router.connect(["seed.example"]);
  await mesh.until(t, "a collision", () => a.events.includes("connectionclosed name-collision"));
  mesh.network.setName("seed.example", b.ip);
  await mesh.untilAgreed(t, [a, b], 10_000);
});

test("names: after a failed handshake the next attempt takes the next address", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1, { peerDiscovery: false, password: "ours" });
  const others = [
    await mesh.start(2, { peerDiscovery: false, password: "theirs" }),
    await mesh.start(3, { peerDiscovery: false }),
  ];
  const b = await mesh.start(4, { peerDiscovery: false, password: "ours" });
  mesh.network.setName("seed.example", ...others.map(({ ip }) => ip), b.ip);
  a.router.connect(["seed.example"]);
  await mesh.untilAgreed(t, [a, b], 10_000);
  t.is(attempts(a), 3);
});

test("names: after a long connection its address is tried first", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1, { peerDiscovery: false });
  const b = await mesh.start(2, { peerDiscovery: false });
  mesh.network.setName("mesh.example", a.ip, b.ip);
  a.router.connect(["mesh.example"]);
  await mesh.untilAgreed(t, [a, b], 10_000);
  await mesh.clock.advance(120_000);
  const before = attempts(a);
  mesh.network.reset(a.ip, b.ip);
  await mesh.clock.advance(100);
  await mesh.untilAgreed(t, [a, b]);
  t.is(attempts(a), before + 1);
});
