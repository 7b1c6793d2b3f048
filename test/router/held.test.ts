import test, { type ExecutionContext } from "ava";
import { decodeFeatures, encodeFeatures, encodeHeader, Tag } from "../../src/wire/index.ts";
import { TestMesh, type TestPeer } from "./mesh.ts";
import { RawPeer, rawFeatures } from "./raw-peer.ts";

const password = "secret";
const sealed = { password: new TextEncoder().encode(password) };

/**
 * Opens a sealed version 1 connection without the password, under another peer's name, whose ConnID is a copy of
 * ours: the connection's UID is then 0, which wins every tie.
 */
async function displace(mesh: TestMesh, victim: TestPeer, name: string): Promise<RawPeer> {
  const raw = await RawPeer.dial(mesh, victim);
  raw.socket.write(encodeHeader({ minVersion: 1, maxVersion: 1 }));
  await mesh.clock.advance(20);
  const ours = decodeFeatures(Buffer.concat(raw.received).subarray(7));
  const features = rawFeatures({
    Name: name,
    ConnID: ours.get("ConnID")!,
    ShortID: undefined,
    Trusted: undefined,
  });
  features.set("PublicKey", "07".repeat(32));
  raw.socket.write(encodeFeatures(features));
  await mesh.clock.advance(20);
  return raw;
}

/** Everything that a held connection may not change. */
function shared({ router, events }: TestPeer): string {
  const { peers, connections, terminationCount, unicastRoutes } = router.status();
  const texts = [...peers.map((peer) => ({ ...peer, connections: peer.connections.length })), ...connections];
  const all = [texts, terminationCount, unicastRoutes, events];
  return JSON.stringify(all, (_, value) => (typeof value === "bigint" ? `${value}` : value));
}

async function joined(t: ExecutionContext, mesh: TestMesh, version: 1 | 2): Promise<[TestPeer, TestPeer]> {
  const a = await mesh.start(1, { password, protocolMaxVersion: version });
  const b = await mesh.start(2, { password });
  b.router.connect([a.ip]);
  await mesh.untilAgreed(t, [a, b]);
  b.router.forget([a.ip]);
  await mesh.clock.advance(2_000);
  return [a, b];
}

/** Fails with the events of an honest pair that is apart. */
function together(t: ExecutionContext, a: TestPeer, b: TestPeer): void {
  t.false(
    a.events.some((event) => /duplicate|peerremoved/.test(event)),
    `${a.events}`,
  );
  t.false(
    b.events.some((event) => event.startsWith("connectionclosed")),
    `${b.events}`,
  );
}

for (const version of [1, 2] as const) {
  test(`held: a copied ConnID displaces no proved version ${version} connection, and changes nothing`, async (t) => {
    const mesh = new TestMesh(t.title);
    const [a, b] = await joined(t, mesh, version);
    const before = shared(a);
    const attackers: RawPeer[] = [];
    for (let i = 0; i < 5; i++) attackers.push(await displace(mesh, a, b.name));
    t.true(attackers.every(({ ended }) => ended === "no"));
    t.is(shared(a), before);
    await mesh.clock.advance(59_000);
    t.is(a.router.status().terminationCount, 0);
    await mesh.until(
      t,
      "the read deadline ends them",
      () => attackers.every(({ ended }) => ended !== "no"),
      3_000,
    );
    t.is(a.events.filter((event) => event === "connectionclosed timeout").length, 5);
    together(t, a, b);
  });
}

test("held: a first message that does not open ends the connection, not its rival", async (t) => {
  const mesh = new TestMesh(t.title);
  const [a, b] = await joined(t, mesh, 2);
  const attacker = await displace(mesh, a, b.name);
  attacker.sendBytes(0x15, 0x0a, 0x00, 0x11, ...new Array<number>(17).fill(9), 0x00);
  await mesh.clock.advance(50);
  t.not(attacker.ended, "no");
  t.true(a.events.includes("connectionclosed cannot-decrypt"));
  together(t, a, b);
});

/** An honest version 1 peer with a connection to `a` that is proved, and a second one whose UID is chosen. */
async function twoConnections(
  t: ExecutionContext,
  mesh: TestMesh,
  secondWins: boolean,
): Promise<{ a: TestPeer; first: RawPeer; second: RawPeer }> {
  const a = await mesh.start(1, { password, protocolMaxVersion: 1 });
  for (;;) {
    const first = await RawPeer.join(mesh, a, { ...sealed, features: rawFeatures() });
    first.send(Tag.heartbeat);
    await mesh.clock.advance(20);
    const second = await RawPeer.join(mesh, a, { ...sealed, features: rawFeatures() });
    const uid = ({ session }: RawPeer): bigint => BigInt(session!.features.get("ConnID")!) ^ 99n;
    if (uid(second) < uid(first) === secondWins) return { a, first, second };
    for (const { socket } of [first, second]) socket.reset();
    await mesh.until(t, "apart", () => a.router.status().connections.length === 0, 2_000);
  }
}

for (const secondWins of [true, false]) {
  test(`held: a sealed message lets the tie decide, and the connection ${secondWins ? "wins" : "loses"} it`, async (t) => {
    const mesh = new TestMesh(t.title);
    const { a, first, second } = await twoConnections(t, mesh, secondWins);
    t.deepEqual([first.ended, second.ended], ["no", "no"]);
    second.send(Tag.heartbeat);
    await mesh.clock.advance(50);
    t.is(first.ended === "no", !secondWins);
    t.is(second.ended === "no", secondWins);
    t.is(a.router.status().connections.length, 1);
    t.true(a.events.includes("connectionclosed duplicate-connection"));
  });

  test(`held: when its rival ends first, it is added, also where it ${secondWins ? "would win" : "would lose"} the tie`, async (t) => {
    const mesh = new TestMesh(t.title);
    const { a, first, second } = await twoConnections(t, mesh, secondWins);
    first.socket.reset();
    await mesh.clock.advance(50);
    t.is(second.ended, "no");
    t.is(a.router.status().connections.length, 1);
    second.send(Tag.heartbeat);
    await mesh.clock.advance(50);
    t.is(second.ended, "no");
    t.true(second.messages().length > 0);
  });
}

test("held: of several, the one held longest is added when the rival ends, and the others stay held", async (t) => {
  const mesh = new TestMesh(t.title);
  const { a, first, second } = await twoConnections(t, mesh, false);
  const third = await RawPeer.join(mesh, a, { ...sealed, features: rawFeatures({ ConnID: "98" }) });
  first.socket.reset();
  await mesh.clock.advance(50);
  second.send(Tag.heartbeat);
  await mesh.clock.advance(50);
  t.true(second.messages().length > 0);
  t.deepEqual([second.ended, third.ended], ["no", "no"]);
  second.socket.reset();
  await mesh.clock.advance(50);
  t.is(third.ended, "no");
  t.is(a.router.status().connections.length, 1);
});

test("held: the other side may close it, and the router may stop", async (t) => {
  const mesh = new TestMesh(t.title);
  const [a, b] = await joined(t, mesh, 2);
  const closing = await displace(mesh, a, b.name);
  void closing.socket.close();
  await mesh.clock.advance(50);
  t.true(a.events.includes("connectionclosed closed-by-peer"));
  together(t, a, b);
  const left = await displace(mesh, a, b.name);
  await mesh.stop(a);
  t.not(left.ended, "no");
});

test("held: a connection that we dialled is held, too, and its target is not dialled again meanwhile", async (t) => {
  const mesh = new TestMesh(t.title);
  const accepted: RawPeer[] = [];
  await RawPeer.listen(mesh, (raw) => {
    accepted.push(raw);
    raw.shakeHands({ ...sealed, maxVersion: 1, outbound: false });
  });
  const a = await mesh.start(1, { password });
  const first = await RawPeer.join(mesh, a, { ...sealed, maxVersion: 1 });
  first.send(Tag.heartbeat);
  await mesh.clock.advance(20);
  a.router.connect([`${RawPeer.ip}:6783`]);
  await mesh.clock.advance(30_000);
  t.is(accepted.length, 1);
  t.is(accepted[0]!.ended, "no");
  t.is(a.router.status().connections.filter(({ state }) => state === "established").length, 1);
  t.true(a.router.status().connections.some(({ state }) => state === "connecting"));
});

test("held: a version 2 connection takes the place of an impostor that came first", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1, { password });
  const b = await mesh.start(2, { password });
  const impostor = await displace(mesh, a, b.name);
  t.is(a.router.status().connections.length, 1);
  b.router.connect([a.ip]);
  await mesh.until(t, "together", () => b.events.includes("connectionestablished"), 2_000);
  await mesh.clock.advance(100);
  t.not(impostor.ended, "no");
  t.false(b.events.some((event) => event.startsWith("connectionclosed")));
  await mesh.untilAgreed(t, [a, b]);
});

for (const version of [1, 2] as const) {
  for (const password of ["secret", undefined]) {
    const kind = password === undefined ? "plain" : "sealed";
    test(`held: ${kind} version ${version} routers that dial each other keep one connection, the same one`, async (t) => {
      const mesh = new TestMesh(t.title);
      const options = { password, protocolMaxVersion: version, peerDiscovery: false };
      const outcomes = new Set<boolean>();
      for (let round = 0; round < 12; round++) {
        const a = await mesh.start(2 * round + 1, options);
        const b = await mesh.start(2 * round + 2, options);
        a.router.connect([`${b.ip}:6783`]);
        b.router.connect([`${a.ip}:6783`]);
        await mesh.clock.advance(500);
        a.router.forget([`${b.ip}:6783`]);
        b.router.forget([`${a.ip}:6783`]);
        await mesh.untilAgreed(t, [a, b]);
        await mesh.clock.advance(65_000);
        const [atA, atB] = [a, b].map(({ router }) => router.status().connections);
        t.is(atA!.length, 1);
        t.is(atB!.length, 1);
        t.not(atA![0]!.outbound, atB![0]!.outbound);
        outcomes.add(atA![0]!.outbound);
      }
      t.is(outcomes.size, 2);
    });
  }
}
