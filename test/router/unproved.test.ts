import test, { type ExecutionContext } from "ava";
import {
  maxUnprovedBytes,
  maxUnprovedConnections,
  type UnprovedConnection,
  UnprovedConnections,
} from "../../src/router/unproved-connections.ts";
import type { Socket } from "../../src/testing.ts";
import { encodeUpdate } from "../../src/topology/index.ts";
import { encodeFeatures, encodeGossip, encodeHeader, Tag } from "../../src/wire/index.ts";
import { record, TestMesh, type TestPeer } from "./mesh.ts";
import { RawPeer, rawFeatures } from "./raw-peer.ts";

const password = "secret";
const sealed = { password: new TextEncoder().encode(password) };

/** Connections that only know where they come from, and the error that shut them down. */
class Members {
  readonly budgets = new UnprovedConnections();
  readonly shutDown: string[] = [];
  #number = 0;

  add(remoteHost: string): { name: string; share: ReturnType<UnprovedConnections["add"]> } {
    const name = `${remoteHost} ${++this.#number}`;
    const connection: UnprovedConnection = {
      remoteHost,
      remoteAddress: name,
      shutdown: (error) => void this.shutDown.push(`${name} ${(error as Error & { code: string }).code}`),
    };
    return { name, share: this.budgets.add(connection) };
  }
}

test("unproved: beyond 1,024 connections the newest of the address with most of them is reset", (t) => {
  const members = new Members();
  members.add("10.0.0.2");
  let last = "";
  while (members.shutDown.length === 0) last = members.add("10.0.0.1").name;
  t.is(members.budgets.size, maxUnprovedConnections);
  t.deepEqual(members.shutDown, [`${last} unproved-limit`]);
  members.add("10.0.0.3");
  t.is(members.shutDown.length, 2);
  t.true(members.shutDown.every((line) => line.startsWith("10.0.0.1 ")));
});

test("unproved: beyond 64 MiB the newest connection of the address that holds most is reset", (t) => {
  const members = new Members();
  const honest = members.add("10.0.0.2");
  honest.share.hold(20 * 2 ** 20);
  const shares = Array.from({ length: 10 }, () => members.add("10.0.0.1"));
  for (const { share } of shares) share.hold(4 * 2 ** 20);
  t.deepEqual(members.shutDown, []);
  shares[0]!.share.hold(12 * 2 ** 20);
  t.deepEqual(members.shutDown, [
    `${shares.at(-1)!.name} unproved-limit`,
    `${shares.at(-2)!.name} unproved-limit`,
  ]);
  t.true(members.budgets.heldBytes <= maxUnprovedBytes);
});

test("unproved: a connection that has proved itself or ended counts no more", (t) => {
  const members = new Members();
  const { share } = members.add("10.0.0.1");
  share.hold(60 * 2 ** 20);
  share.release();
  share.hold(60 * 2 ** 20);
  t.is(members.budgets.size, 0);
  t.is(members.budgets.heldBytes, 0);
});

test("unproved: IPv6 addresses of one /64 network count as one address", (t) => {
  const members = new Members();
  const honest = members.add("fd00:0:0:2::1");
  for (let i = 0; i < 2_000; i++) members.add(`fd00::${(i + 1).toString(16)}`);
  t.false(members.shutDown.some((line) => line.startsWith(honest.name)));
});

/** Opens a connection from an address of an attacker, who says nothing yet. */
async function dialFrom(mesh: TestMesh, ip: string, peer: TestPeer): Promise<Socket> {
  const dialled = mesh.network.host(ip).dial({ host: peer.ip, port: 6783 });
  await mesh.clock.advance(60);
  return dialled;
}

/** A sealed version 1 connection as anybody can open one: with features, but without the password. */
async function strangerFrom(mesh: TestMesh, ip: string, peer: TestPeer, name: string): Promise<RawPeer> {
  const raw = new RawPeer(await dialFrom(mesh, ip, peer));
  raw.shakeHands({
    maxVersion: 1,
    features: rawFeatures({ Name: name }),
    password: new TextEncoder().encode("no idea"),
  });
  await mesh.clock.advance(60);
  return raw;
}

async function joined(t: ExecutionContext, mesh: TestMesh, options = {}): Promise<[TestPeer, TestPeer]> {
  const a = await mesh.start(1, { password, ...options });
  const b = await mesh.start(2, { password });
  b.router.connect([a.ip]);
  await mesh.untilAgreed(t, [a, b]);
  await mesh.clock.advance(2_000);
  return [a, b];
}

test("unproved: 1,024 slow handshakes from one address keep no other out", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1, { password });
  const outside = mesh.network.host(RawPeer.ip);
  const header = encodeHeader({ minVersion: 1, maxVersion: 2 });
  for (let i = 0; i < 60; i++) {
    const dialled = Array.from({ length: 20 }, () => outside.dial({ host: a.ip, port: 6783 }));
    await mesh.clock.advance(1_000);
    for (const socket of await Promise.all(dialled)) {
      socket.attach({ data() {}, drain() {}, end() {}, closed() {} });
      socket.write(header);
    }
  }
  t.true(a.log.some((line) => line.includes("(1024 connections)")));
  const b = await mesh.start(2, { password });
  b.router.connect([a.ip]);
  await mesh.until(t, "joined", () => a.events.includes("connectionestablished"), 2_000);
});

test("unproved: first messages of version 1 share 64 MiB, and a proved connection is never reset for it", async (t) => {
  const mesh = new TestMesh(t.title, { windowBytes: 2 ** 20 });
  const [a, b] = await joined(t, mesh);
  const attackers: RawPeer[] = [];
  for (let i = 0; i < 10; i++) {
    attackers.push(await strangerFrom(mesh, "10.0.1.1", a, `00:00:00:00:01:0${i}`));
  }
  // Each announces 10 MiB and sends 9 of them.
  for (const attacker of attackers) {
    attacker.socket.write(
      Uint8Array.of(0xfc, 0x00, 0xa0, 0x00, 0x05, 0x0a, 0x00, 0xfc, 0x00, 0xa0, 0x00, 0x00),
    );
    attacker.socket.write(new Uint8Array(9 * 2 ** 20));
    await mesh.clock.advance(200);
  }
  const reset = attackers.filter(({ ended }) => ended !== "no").length;
  t.true(reset >= 3 && reset < 10, `${reset} reset`);
  t.true(a.events.filter((event) => event === "connectionclosed unproved-limit").length >= 3);
  t.false(b.events.some((event) => event.startsWith("connectionclosed")));
});

test("unproved: what we send to a connection that does not read counts, too", async (t) => {
  const mesh = new TestMesh(t.title, { windowBytes: 64 * 1024 });
  const [a] = await joined(t, mesh);
  const { channel } = record(a, "state");
  const strangers: RawPeer[] = [];
  for (let i = 0; i < 8; i++) {
    const stranger = await strangerFrom(mesh, "10.0.1.1", a, `00:00:00:00:01:0${i}`);
    stranger.socket.pause();
    strangers.push(stranger);
  }
  for (let i = 0; i < 2; i++) {
    channel.broadcast(bigData(9 * 2 ** 20));
    await mesh.clock.advance(500);
  }
  t.true(a.events.includes("connectionclosed unproved-limit"));
});

test("unproved: a version 1 peer joins with a topology of 9 MiB as its first message", async (t) => {
  const mesh = new TestMesh(t.title, { windowBytes: 2 ** 20 });
  const [a] = await joined(t, mesh);
  const name = (i: number): string =>
    `00:00:00:01:${(i >> 8).toString(16).padStart(2, "0")}:${(i & 255).toString(16).padStart(2, "0")}`;
  const count = 570;
  const peers = Array.from({ length: count }, (_, i) => ({
    ...{
      name: name(i),
      nickName: `peer-${i}`,
      uid: BigInt(i + 1),
      version: 5n,
      shortId: 0,
      hasShortId: false,
    },
    connections: Array.from({ length: count }, (_, k) => k)
      .filter((k) => k !== i)
      .map((k) => ({
        name: name(k),
        remoteAddress: `10.1.${k >> 8}.${k & 255}:6783`,
        outbound: true,
        established: true,
      })),
  }));
  const update = encodeUpdate(peers as never);
  t.true(update.length > 9 * 2 ** 20, `${update.length}`);
  const raw = new RawPeer(await dialFrom(mesh, RawPeer.ip, a));
  raw.shakeHands({ ...sealed, maxVersion: 1, features: rawFeatures({ Name: name(0) }) });
  await mesh.clock.advance(60);
  raw.send(Tag.gossip, encodeGossip("topology", name(0) as never, update));
  await mesh.until(t, "all peers are known", () => a.router.peers().length === count + 2, 5_000);
  t.is(raw.ended, "no");
});

test("unproved: connections that we dialled have the same limit", async (t) => {
  const mesh = new TestMesh(t.title);
  const accepted: RawPeer[] = [];
  await RawPeer.listen(mesh, (raw) => accepted.push(raw));
  const a = await mesh.start(1, { password });
  a.router.connect([RawPeer.ip]);
  await mesh.until(t, "dialled", () => accepted.length === 1);
  accepted[0]!.socket.write(encodeHeader({ minVersion: 1, maxVersion: 1 }));
  const features = encodeFeatures(rawFeatures({ NickName: "n".repeat(300 * 1024) }));
  accepted[0]!.socket.write(features);
  await mesh.until(t, "ended", () => accepted[0]!.ended !== "no", 1_000);
  t.true(a.events.includes("connectionclosed frame-too-large"));
});

test("unproved: while an overlay prepares, what arrives stays with the operating system", async (t) => {
  const mesh = new TestMesh(t.title, { windowBytes: 64 * 1024 });
  let finish = (): void => {};
  const prepared = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const overlay = {
    addFeatures() {},
    async prepare() {
      await prepared;
      return {
        confirm() {},
        established: Promise.resolve(),
        failed: new Promise<Error>(() => {}),
        control() {},
        attributes: () => undefined,
        stop() {},
      };
    },
    diagnostics: () => null,
    stop() {},
  };
  const a = await mesh.start(1, { overlay });
  const { received } = record(a, "talk");
  const raw = await RawPeer.join(mesh, a);
  raw.send(Tag.gossip, encodeGossip("talk", "00:00:00:00:00:63" as never, new Uint8Array(4 * 2 ** 20)));
  await mesh.clock.advance(1_000);
  t.true(raw.socket.queuedBytes > 3 * 2 ** 20, `${raw.socket.queuedBytes}`);
  finish();
  await mesh.until(t, "received", () => received.length === 1, 5_000);
});

test("unproved: the complete state goes to a version 1 connection that dialled us when it has proved itself", async (t) => {
  const mesh = new TestMesh(t.title);
  const [a] = await joined(t, mesh);
  const raw = await RawPeer.join(mesh, a, { ...sealed, maxVersion: 1 });
  await mesh.clock.advance(50);
  t.deepEqual(raw.messages(), []);
  raw.send(Tag.heartbeat);
  await mesh.clock.advance(50);
  const [first] = raw.messages();
  t.is(first?.[0], Tag.gossip);
});

for (const version of [1, 2]) {
  test(`unproved: version ${version} routers exchange their complete states at once`, async (t) => {
    const mesh = new TestMesh(t.title);
    const a = await mesh.start(1, { password, protocolMaxVersion: version });
    const b = await mesh.start(2, { password, protocolMaxVersion: version });
    a.router.connect([b.ip]);
    await mesh.until(t, "established", () => b.events.includes("connectionestablished"));
    await mesh.untilAgreed(t, [a, b], 150);
  });
}

test("unproved: strangers fill no connection limit of a mesh with a password", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1, { password, connectionLimit: 3 });
  for (let i = 1; i <= 3; i++) await strangerFrom(mesh, `10.0.1.${i}`, a, `00:00:00:00:01:0${i}`);
  t.is(a.router.status().connections.length, 3);
  for (const n of [2, 3, 4]) (await mesh.start(n, { password, peerDiscovery: false })).router.connect([a.ip]);
  await mesh.until(
    t,
    "all honest",
    () => {
      const names = new Set(
        a.router
          .status()
          .peers.find(({ name }) => name === a.name)!
          .connections.map(({ nickName }) => nickName),
      );
      return names.size === 3 && !names.has("raw");
    },
    20_000,
  );
  await strangerFrom(mesh, "10.0.1.9", a, "00:00:00:00:01:09");
  t.is(a.router.status().connections.length, 3);
  t.false(a.router.status().connections.some(({ info }) => info.includes("raw")));
});

test("unproved: strangers that fill the connection limit do not stop us from dialling", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1, { password, connectionLimit: 1 });
  await strangerFrom(mesh, "10.0.1.1", a, "00:00:00:00:01:01");
  await mesh.start(2, { password });
  a.router.connect(["10.0.0.2"]);
  await mesh.until(
    t,
    "connected",
    () => a.router.status().connections.some(({ info }) => info.includes("peer-2")),
    5_000,
  );
});

test("unproved: a connection refused before it was added leaves no peer behind", async (t) => {
  const mesh = new TestMesh(t.title);
  const [a] = await joined(t, mesh, { connectionLimit: 1 });
  for (let i = 1; i <= 9; i++) await strangerFrom(mesh, `10.0.1.${i}`, a, `00:00:00:00:01:0${i}`);
  await mesh.clock.advance(1_100);
  t.is(a.router.peers().length, 2);
});

/** Data of one large message that does not merge with what waits. */
function bigData(length: number): never {
  const data = { merge: () => data, encode: () => [new Uint8Array(length)] };
  return data as never;
}
