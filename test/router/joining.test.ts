import test from "ava";
import { PeerName } from "../../src/index.ts";
import { agreed, bytes, data, record, TestMesh } from "./mesh.ts";

const passwords = { none: undefined, "a password": "secret", "the empty password": "" };

for (const version of [1, 2]) {
  for (const [title, password] of Object.entries(passwords)) {
    for (const flavour of ["mac", "hash"] as const) {
      test(`joining: two ${flavour} peers with ${title} agree over version ${version}`, async (t) => {
        const mesh = new TestMesh(t.title);
        const name = (text: string): PeerName => PeerName.fromUserInput(text, flavour);
        const common = { password, protocolMaxVersion: version, flavour };
        const a = await mesh.start(1, { ...common, name: name("::a") });
        const b = await mesh.start(2, { ...common, name: name("::b") });
        a.router.connect([b.ip]);
        await mesh.untilAgreed(t, [a, b], 2_000);
        t.true(a.log.some((line) => line.endsWith(`connection ready; using protocol version ${version}`)));
        const info = a.router.status().connections[0]?.info;
        t.is(info, `${password === undefined ? "" : "encrypted   "}none   ${b.name}(peer-2)`);
      });
    }
  }
}

test("joining: what the original logs of a connection is logged in its words and order", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  const b = await mesh.start(2);
  a.router.connect([b.ip]);
  await mesh.untilAgreed(t);
  const remote = `10.0.0.2:6783|${b.name}(peer-2)`;
  t.deepEqual(a.log, [
    "->[10.0.0.2:6783] attempting connection",
    `->[${remote}]: connection ready; using protocol version 2`,
    `->[${remote}]: connection added (new peer)`,
    `->[${remote}]: connection fully established`,
  ]);
  t.regex(b.log[0]!, /^->\[10\.0\.0\.1:\d+\] connection accepted$/);
});

test("joining: one connection makes version 2 on both sides, and the first gossip says so, as Go's does", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  const b = await mesh.start(2);
  a.router.connect([b.ip]);
  await mesh.until(t, "established", () => b.events.includes("connectionestablished"));
  const seen = (): bigint | undefined => b.router.status().peers.find(({ name }) => name === a.name)?.version;
  await mesh.untilAgreed(t, [a, b], 200);
  t.is(seen(), 2n);
});

test("joining: ten peers that know one of them become a full mesh that agrees", async (t) => {
  const mesh = new TestMesh(t.title);
  const first = await mesh.start(1);
  for (let i = 2; i <= 10; i++) (await mesh.start(i)).router.connect([first.ip]);
  await mesh.until(t, "full mesh", () =>
    mesh.peers.every(({ router }) => router.status().connections.length === 9),
  );
  await mesh.untilAgreed(t);
});

test("joining: without discovery a line stays a line, and messages cross its middle", async (t) => {
  const mesh = new TestMesh(t.title);
  const [a, b, c] = [
    await mesh.start(1, { peerDiscovery: false }),
    await mesh.start(2, { peerDiscovery: false }),
    await mesh.start(3, { peerDiscovery: false }),
  ];
  a.router.connect([b.ip]);
  c.router.connect([b.ip]);
  const [atA, atC] = [record(a, "talk"), record(c, "talk")];
  await mesh.untilAgreed(t);
  t.is(b.router.status().connections.length, 2);
  await atA.channel.unicast(c.name, bytes("to c"));
  atA.channel.broadcast(data("to all"));
  atA.channel.gossip(data("rumour"));
  await mesh.until(t, "all three cross", () => atC.received.length === 3, 1_000);
  t.deepEqual(atC.received.toSorted(), [
    `broadcast ${a.name} to all`,
    "gossip rumour",
    `unicast ${a.name} to c`,
  ]);
  t.true(b.log.includes("[gossip talk]: created surrogate channel"));
});

test("joining: a peer that dies is forgotten, and one that restarts under its name is known by its new UID", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  const b = await mesh.start(2);
  const c = await mesh.start(3);
  for (const peer of [b, c]) peer.router.connect([a.ip]);
  await mesh.untilAgreed(t);
  mesh.network.crash(c.ip);
  await mesh.until(t, "forgotten", () => [a, b].every(({ router }) => router.peers().length === 2));
  t.true(a.log.includes(`Removed unreachable peer ${c.name}(peer-3)`));
  await mesh.untilAgreed(t, [a, b]);
  const reborn = await mesh.start(3);
  reborn.router.connect([a.ip]);
  await mesh.until(t, "agreed again", () => agreed([a, b, reborn]));
  t.not(reborn.router.uid, c.router.uid);
});

test("joining: a listener on a port in use rejects start, which can be called again", async (t) => {
  const mesh = new TestMesh(t.title);
  const first = mesh.make(1);
  const second = mesh.make(1, { name: PeerName.parse("::99") });
  await first.router.start();
  const error = await t.throwsAsync(second.router.start());
  t.like(error, { code: "in-use", message: "listen tcp :6783: bind: address already in use" });
  await first.router.stop();
  await second.router.start();
  t.is(second.router.address.port, 6783);
});
