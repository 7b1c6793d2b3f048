import test from "ava";
import { maxReceiveQueueBytes, receiveQueueBytes } from "../../src/datagrams/index.ts";
import { encodePacket } from "../../src/datagrams/packet.ts";
import { heldUnicastBytes } from "../../src/gossip/index.ts";
import { DatagramSocket, PeerName } from "../../src/index.ts";
import { maxSurrogateChannels, maxSurrogateNameLength } from "../../src/router/channels.ts";
import {
  logBurstLines,
  logSummaryMs,
  removalBurstLines,
  removalLinesPerSecond,
} from "../../src/router/log-limiter.ts";
import { encodeUpdate } from "../../src/topology/index.ts";
import { encodeBroadcast, encodeGossip, encodeUnicast, Tag } from "../../src/wire/index.ts";
import { bytes, record, TestMesh, type TestPeer } from "./mesh.ts";
import { RawPeer, rawFeatures } from "./raw-peer.ts";

const rawName = PeerName.parse("::63");
const rest = (line: string): string => line.slice(line.indexOf("]: ") + 3);

/** A peer to which a raw peer is connected, which the mesh knows by its own words. */
async function attacked(t: import("ava").ExecutionContext): Promise<{
  mesh: TestMesh;
  peer: TestPeer;
  raw: RawPeer;
}> {
  const mesh = new TestMesh(t.title);
  const peer = await mesh.start(1, { peerDiscovery: false });
  const raw = await RawPeer.join(mesh, peer);
  await mesh.clock.advance(2_000);
  return { mesh, peer, raw };
}

test("hostile: unknown tags, blank messages and unicasts to nobody write a limited number of lines", async (t) => {
  const { mesh, peer, raw } = await attacked(t);
  const before = peer.log.length;
  const nobody = encodeUnicast("talk", rawName, PeerName.parse("::99"), bytes("x"));
  for (let i = 0; i < 2_000; i++) {
    raw.send(9);
    raw.sendBytes(0, 0, 0, 0);
    raw.send(Tag.unicast, nobody);
  }
  await mesh.clock.advance(100);
  const lines = peer.log.slice(before).map(rest);
  // One more for a token that was regained in this time.
  t.true(lines.length >= logBurstLines && lines.length <= logBurstLines + 1, `${lines.length} lines`);
  t.deepEqual(lines.slice(0, 4), [
    "ignoring unknown protocol tag: 9",
    "ignoring blank msg",
    "created surrogate channel",
    "unknown relay destination: 00:00:00:00:00:99",
  ]);
  await mesh.clock.advance(logSummaryMs);
  const left = 6_001 - lines.length;
  t.is(rest(peer.log.at(-1)!), `left out ${left} log lines about messages of this connection`);
  t.is(raw.ended, "no");
});

test("hostile: names of channels and peers in log lines are cut and escaped", async (t) => {
  const mesh = new TestMesh(t.title);
  const name = PeerName.parse("0123456789abcdef", "hash");
  const peer = await mesh.start(1, { flavour: "hash", name });
  const raw = await RawPeer.join(mesh, peer, {
    features: rawFeatures({ PeerNameFlavour: "hash", Name: "ab" }),
  });
  await mesh.clock.advance(100);
  const long = `\u001b[2J\n${"x".repeat(1_000_000)}` as PeerName;
  raw.send(Tag.unicast, encodeUnicast("ev\u001bil\n", "ab" as PeerName, long, bytes("x")));
  raw.send(Tag.gossip, encodeGossip("y".repeat(maxSurrogateNameLength + 1), "ab" as PeerName, bytes("x")));
  await mesh.clock.advance(100);
  const lines = peer.log.slice(-3);
  t.is(lines[0], "[gossip ev\\x1bil\\n]: created surrogate channel");
  t.true(lines[1]!.startsWith("[gossip ev\\x1bil\\n]: unknown relay destination: \\x1b[2J\\nxxx"));
  t.true(
    lines[2]!.startsWith("dropped a message: the name of an unknown channel exceeds 4096 characters: yyy"),
  );
  for (const line of lines) t.true(line.length < 2_500);
});

test("hostile: invented channels push out unused ones only, and a channel in use keeps its memory", async (t) => {
  const { mesh, peer, raw } = await attacked(t);
  const used = encodeGossip("used", rawName, bytes("same"));
  raw.send(Tag.gossip, used);
  for (let i = 0; i < 2 * maxSurrogateChannels; i++) {
    raw.send(Tag.gossip, encodeGossip(`invented ${i}`, rawName, bytes("x")));
    if (i % 1000 === 0) raw.send(Tag.gossip, used);
    if (i % 1000 === 0) await mesh.clock.advance(10);
  }
  await mesh.clock.advance(100);
  // A second neighbour shows what is relayed: nothing of the known gossip, and the new.
  const second = await mesh.start(2, { peerDiscovery: false });
  const heard = record(second, "used");
  const talk = record(second, "invented 3");
  second.router.connect([peer.ip]);
  await mesh.clock.advance(3_000);
  raw.send(Tag.gossip, used);
  raw.send(Tag.gossip, encodeGossip("used", rawName, bytes("other")));
  raw.send(Tag.gossip, encodeGossip("invented 3", rawName, bytes("x")));
  await mesh.clock.advance(1_000);
  t.deepEqual(heard.received, ["gossip other"]);
  t.deepEqual(talk.received, ["gossip x"], "a channel that was pushed out works again");
});

test("hostile: many peers do not fill our memory with datagrams that nobody reads", async (t) => {
  const mesh = new TestMesh(t.title);
  const peer = await mesh.start(1, { peerDiscovery: false });
  const socket = new DatagramSocket(peer.router, "datagrams");
  const packet = encodePacket({ source: rawName, sourceUid: 1n, bytes: new Uint8Array(5_000_000) }, "mac");
  for (let i = 0; i < 6; i++) {
    const raw = await RawPeer.join(mesh, peer, { features: rawFeatures({ Name: `::${i + 10}` }) });
    raw.send(Tag.unicast, encodeUnicast("datagrams", rawName, peer.name, packet));
    await mesh.clock.advance(1_000);
  }
  t.is(socket.dropped, 6 - Math.floor(maxReceiveQueueBytes / 5_000_000));
  const first = await socket[Symbol.asyncIterator]().next();
  t.is(first.value?.bytes.length, 5_000_000);
});

test("hostile: broadcasts for a neighbour that does not read are dropped and counted in the log", async (t) => {
  const mesh = new TestMesh(t.title, { windowBytes: 64 * 1024 });
  const peer = await mesh.start(1, { peerDiscovery: false });
  const stalled = await mesh.start(2, { peerDiscovery: false });
  stalled.router.connect([peer.ip]);
  await mesh.untilAgreed(t);
  const raw = await RawPeer.join(mesh, peer);
  const connections = [
    { name: peer.name, remoteAddress: "10.0.0.1:6783", outbound: true, established: true },
  ];
  const description = { nickName: "raw", uid: 99n, version: 9n, shortId: 99, hasShortId: true };
  const update = encodeUpdate([{ name: rawName, ...description, connections }]);
  raw.send(Tag.gossip, encodeGossip("topology", rawName, update));
  await mesh.clock.advance(1_000);
  mesh.network.cut(peer.ip, stalled.ip);
  const message = encodeBroadcast("talk", rawName, new Uint8Array(100_000));
  for (let i = 0; i < 400; i++) {
    raw.send(Tag.broadcast, message);
    await mesh.clock.advance(1);
  }
  await mesh.clock.advance(11_000);
  const reports = peer.log.map((line) => /dropped (\d+) messages/.exec(line)?.[1]).filter((count) => count);
  t.true(reports.length >= 1 && reports.length <= 3, `${reports.length} lines`);
  const dropped = reports.reduce((sum, count) => sum + Number(count), 0);
  t.true(dropped >= 400 - (16 * 1024 * 1024) / 100_000 - 10, `${dropped} of 400`);
});

test("hostile: unicasts of many peers to a hop that does not read are held up to a limit, then dropped", async (t) => {
  const mesh = new TestMesh(t.title, { windowBytes: 1024 * 1024 });
  const peer = await mesh.start(1, { peerDiscovery: false });
  const stalled = await mesh.start(2, { peerDiscovery: false });
  stalled.router.connect([peer.ip]);
  await mesh.untilAgreed(t);
  const { received } = record(stalled, "talk");
  mesh.network.cut(peer.ip, stalled.ip);
  const size = 5_000_000;
  const message = encodeUnicast("talk", rawName, stalled.name, new Uint8Array(size));
  for (let i = 0; i < 10; i++) {
    const raw = await RawPeer.join(mesh, peer, { features: rawFeatures({ Name: `::${i + 10}` }) });
    raw.send(Tag.unicast, message);
    await mesh.clock.advance(500);
  }
  const dropped = peer.log.filter((line) => line.includes("]: dropped a unicast, too many wait for ")).length;
  const kept = 1 + Math.floor(heldUnicastBytes / size);
  t.is(dropped, 10 - kept);
  mesh.network.heal(peer.ip, stalled.ip);
  await mesh.until(t, "the others arrive", () => received.length === kept);
});

test("hostile: large datagrams that nobody reads stop their connection before there are many", async (t) => {
  const mesh = new TestMesh(t.title);
  let read = 0;
  const peer = await mesh.start(1, {
    peerDiscovery: false,
    onFrame: ({ direction, bytes: { length } }) => {
      if (direction === "in" && length > 100_000) read++;
    },
  });
  new DatagramSocket(peer.router, "datagrams");
  const raw = await RawPeer.join(mesh, peer);
  const packet = encodePacket({ source: rawName, sourceUid: 1n, bytes: new Uint8Array(200_000) }, "mac");
  for (let i = 0; i < 20; i++) raw.send(Tag.unicast, encodeUnicast("datagrams", rawName, peer.name, packet));
  await mesh.clock.advance(2_000);
  t.is(read, Math.floor(receiveQueueBytes / 200_000) + 1);
});

test("hostile: a mesh of invented peers that is lost writes a limited number of lines", async (t) => {
  const { mesh, peer, raw } = await attacked(t);
  const invented = Array.from({ length: 3_000 }, (_, i) => PeerName.fromUint(BigInt(1_000 + i)));
  const to = (name: PeerName) => ({ name, remoteAddress: "10.0.0.9:1", outbound: true, established: true });
  const description = { nickName: "", uid: 99n, version: 9n, shortId: 99, hasShortId: true };
  const update = encodeUpdate([
    { name: rawName, ...description, connections: [peer.name, ...invented].map(to) },
  ]);
  raw.send(Tag.gossip, encodeGossip("topology", rawName, update));
  await mesh.clock.advance(2_000);
  t.true(peer.router.peers().length > 3_000);
  raw.socket.reset();
  await mesh.clock.advance(logSummaryMs + 2_000);
  t.is(peer.router.peers().length, 1);
  const removals = peer.log.filter((line) => line.startsWith("Removed unreachable peer ")).length;
  t.true(removals >= removalBurstLines && removals <= removalBurstLines + 2 * removalLinesPerSecond);
  t.true(peer.log.includes(`left out ${3_001 - removals} lines about removed peers`));
});
