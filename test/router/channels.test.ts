import test from "ava";
import { SurrogateData } from "../../src/index.ts";
import { Tag } from "../../src/wire/index.ts";
import { bytes, data, record, TestMesh, type TestPeer } from "./mesh.ts";
import { RawPeer } from "./raw-peer.ts";

/** A chain of peers, each connected to the next, that agree. */
async function line(t: import("ava").ExecutionContext, mesh: TestMesh, length: number): Promise<TestPeer[]> {
  const peers: TestPeer[] = [];
  for (let i = 1; i <= length; i++) peers.push(await mesh.start(i, { peerDiscovery: false }));
  for (let i = 1; i < length; i++) peers[i]!.router.connect([peers[i - 1]!.ip]);
  await mesh.untilAgreed(t, peers);
  return peers;
}

test("channels: messages of every kind cross five hops, on a channel that only the ends know", async (t) => {
  const mesh = new TestMesh(t.title);
  const peers = await line(t, mesh, 7);
  const [first, last] = [record(peers[0]!, "talk"), record(peers[6]!, "talk")];
  for (const [from, to, at, source] of [
    [first, last, peers[6]!, peers[0]!],
    [last, first, peers[0]!, peers[6]!],
  ] as const) {
    await from.channel.unicast(at.name, bytes("hello"));
    from.channel.broadcast(data(`all from ${source.name}`));
    from.channel.gossip(data(`rumour from ${source.name}`));
    await mesh.until(t, "arrived", () => to.received.length === 3, 2_000);
    t.deepEqual(to.received.toSorted(), [
      `broadcast ${source.name} all from ${source.name}`,
      `gossip rumour from ${source.name}`,
      `unicast ${source.name} hello`,
    ]);
    to.received.length = 0;
  }
});

test("channels: a broadcast in a clique reaches each peer exactly once", async (t) => {
  const mesh = new TestMesh(t.title);
  for (let i = 1; i <= 6; i++) (await mesh.start(i)).router.connect(["10.0.0.1"]);
  await mesh.until(t, "clique", () =>
    mesh.peers.every(({ router }) => router.status().connections.length >= 5),
  );
  await mesh.untilAgreed(t);
  const recorders = mesh.peers.map((peer) => record(peer, "talk"));
  recorders[2]!.channel.broadcast(data("once"));
  await mesh.clock.advance(1_000);
  t.deepEqual(
    recorders.map(({ received }) => received.length),
    [1, 1, 0, 1, 1, 1],
  );
});

test("channels: a unicast to a peer that is in no route, or to ourselves, is an error to its sender", async (t) => {
  const mesh = new TestMesh(t.title);
  const [a] = await line(t, mesh, 2);
  const { channel } = record(a!, "talk");
  const nobody = (await mesh.start(9)).name;
  await t.throwsAsync(channel.unicast(nobody, bytes("x")), {
    code: "unknown-destination",
    message: `unknown relay destination: ${nobody}`,
  });
  await t.throwsAsync(channel.unicast(a!.name, bytes("x")), {
    code: "no-connection",
    message: "unable to find connection to relay peer 00:00:00:00:00:00",
  });
});

test("channels: a message too large for a frame is an error to its sender, and the connection lives on", async (t) => {
  const mesh = new TestMesh(t.title);
  const [a, b] = await line(t, mesh, 2);
  const [atA, atB] = [record(a!, "talk"), record(b!, "talk")];
  const large = new Uint8Array(10 * 1024 * 1024);
  await t.throwsAsync(atA.channel.unicast(b!.name, large), { code: "frame-too-large" });
  atA.channel.broadcast(SurrogateData.of(large));
  await mesh.clock.advance(100);
  t.true(a!.events.includes("error frame-too-large"));
  await atA.channel.unicast(b!.name, bytes("small"));
  await mesh.until(t, "alive", () => atB.received.includes(`unicast ${a!.name} small`));
});

test("channels: a second gossiper under the same name is refused", (t) => {
  const peer = new TestMesh(t.title).make(1);
  record(peer, "talk");
  t.throws(() => record(peer, "talk"), {
    code: "duplicate-channel",
    message: "[gossip] duplicate channel talk",
  });
  t.throws(() => record(peer, "topology"), { code: "duplicate-channel" });
});

test("channels: a gossiper takes over from the surrogate that stood in for it", async (t) => {
  const mesh = new TestMesh(t.title);
  const [a, b, c] = await line(t, mesh, 3);
  const [atA, atC] = [record(a!, "talk"), record(c!, "talk")];
  atA.channel.broadcast(data("one"));
  await mesh.until(t, "relayed unread", () => atC.received.length === 1);
  const atB = record(b!, "talk");
  atA.channel.broadcast(data("two"));
  await mesh.until(t, "relayed and read", () => atC.received.length === 2 && atB.received.length === 1);
});

test("channels: a surrogate drops gossip that goes round in a ring", async (t) => {
  const mesh = new TestMesh(t.title);
  for (let i = 1; i <= 4; i++) await mesh.start(i);
  for (const { router } of mesh.peers) router.connect(["10.0.0.1", "10.0.0.2"]);
  await mesh.until(t, "clique", () =>
    mesh.peers.every(({ router }) => router.status().connections.length >= 3),
  );
  await mesh.untilAgreed(t);
  const [speaker] = mesh.peers;
  let frames = 0;
  const { channel } = record(speaker!, "talk");
  const { length } = speaker!.log;
  const before = mesh.network.traffic(speaker!.ip).receivedBytes;
  channel.gossip(data("x".repeat(1000)));
  await mesh.clock.advance(10_000);
  frames = Math.round((mesh.network.traffic(speaker!.ip).receivedBytes - before) / 1000);
  t.true(frames <= 3, `${frames} copies came back`);
  t.is(speaker!.log.length, length);
});

test("channels: what a gossiper learns late is relayed, and only its own connection waits for it", async (t) => {
  const mesh = new TestMesh(t.title);
  const [a, b, c] = await line(t, mesh, 3);
  let release: (() => void) | undefined;
  const slow = new Promise<void>((resolve) => {
    release = resolve;
  });
  const seen: string[] = [];
  record(b!, "talk", {
    onUnicast: async (source, message) => {
      if (source === a!.name) await slow;
      seen.push(`${source} ${new TextDecoder().decode(message)}`);
    },
  });
  const [atA, atC] = [record(a!, "talk"), record(c!, "talk")];
  await atA.channel.unicast(b!.name, bytes("first"));
  await atA.channel.unicast(b!.name, bytes("second"));
  await atC.channel.unicast(b!.name, bytes("other"));
  await mesh.clock.advance(100);
  t.deepEqual(seen, [`${c!.name} other`]);
  // Time that a gossiper takes is not time that the other side was silent.
  await mesh.clock.advance(90_000);
  release?.();
  await mesh.clock.advance(100);
  t.deepEqual(seen.slice(1), [`${a!.name} first`, `${a!.name} second`]);
  t.false(b!.events.some((event) => event.startsWith("connectionclosed")));
});

test("channels: a throw of gossip() is reported, and the router lives on", async (t) => {
  const mesh = new TestMesh(t.title);
  const [a] = await line(t, mesh, 2);
  record(a!, "talk", {
    gossip() {
      throw new Error("nothing comes to mind");
    },
  });
  await mesh.clock.advance(31_000);
  t.true(a!.log.includes("nothing comes to mind"));
  t.true(a!.events.some((event) => event.startsWith("error gossiper-failed")));
});

test("channels: each channel tells its whole state to a new neighbour, and again at every interval", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1, { gossipIntervalMs: 5_000 });
  const b = await mesh.start(2, { gossipIntervalMs: 0 });
  record(a, "talk", { gossip: () => data("everything") });
  const heard: string[] = [];
  record(b, "talk", {
    onGossip: (update) => {
      heard.push(new TextDecoder().decode(update));
      return undefined;
    },
  });
  b.router.connect([a.ip]);
  await mesh.clock.advance(4_000);
  t.deepEqual(heard, ["everything"]);
  await mesh.clock.advance(10_000);
  t.deepEqual(heard, ["everything", "everything", "everything"]);
});

test("channels: unknown tags and blank messages are logged and ignored", async (t) => {
  const mesh = new TestMesh(t.title);
  const peer = await mesh.start(1);
  const raw = await RawPeer.join(mesh, peer);
  raw.send(9);
  raw.send(Tag.heartbeat);
  raw.sendBytes(0, 0, 0, 0);
  await mesh.clock.advance(100);
  t.deepEqual(
    peer.log.slice(-2).map((text) => text.slice(text.indexOf("]: ") + 3)),
    ["ignoring unknown protocol tag: 9", "ignoring blank msg"],
  );
});

test("channels: while a neighbour does not read, its state merges and memory stays bounded", async (t) => {
  const mesh = new TestMesh(t.title, { windowBytes: 64 * 1024 });
  const [a, b] = await line(t, mesh, 2);
  const { channel } = record(a!, "talk");
  let encoded = 0;
  /** A map of keys to their newest value, as gossip data. */
  class Newest {
    readonly values: ReadonlyMap<number, number>;
    constructor(values: ReadonlyMap<number, number>) {
      this.values = values;
    }
    encode(): Uint8Array[] {
      encoded++;
      return [new TextEncoder().encode(JSON.stringify([...this.values]) + " ".repeat(4096))];
    }
    merge(other: Newest): Newest {
      return new Newest(new Map([...this.values, ...other.values]));
    }
  }
  const got = new Map<number, number>();
  record(b!, "newest", {
    onBroadcast: (_source, update) => {
      for (const [key, value] of JSON.parse(new TextDecoder().decode(update))) got.set(key, value);
      return undefined;
    },
  });
  const newest = a!.router.channel<Newest>("newest", {
    onUnicast() {},
    onBroadcast: () => undefined,
    gossip: () => undefined,
    onGossip: () => undefined,
  });
  mesh.network.cut(a!.ip, b!.ip);
  for (let i = 0; i < 20_000; i++) {
    newest.broadcast(new Newest(new Map([[i % 16, i]])));
    if (i % 100 === 0) await mesh.clock.advance(1);
  }
  t.true(encoded < 200, `${encoded} messages were encoded for a neighbour that does not read`);
  mesh.network.heal(a!.ip, b!.ip);
  await mesh.until(t, "the final state", () => got.size === 16 && Math.min(...got.values()) >= 19_984);
  t.pass(channel.name);
});
