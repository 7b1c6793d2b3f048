import test from "ava";
import { refusalIntervalMs, TopologyRefusals } from "../../src/router/topology-refusals.ts";
import { encodeUpdate, topologyLimits } from "../../src/topology/index.ts";
import { VirtualClock } from "../../src/transport/index.ts";
import { encodeGossip, Tag } from "../../src/wire/index.ts";
import { description, nameOf } from "../topology/fixtures.ts";
import { TestMesh } from "./mesh.ts";
import { RawPeer } from "./raw-peer.ts";

const rawName = nameOf(0x63);
const tell = (raw: RawPeer, ...peers: Parameters<typeof description>[]): void =>
  raw.send(
    Tag.gossip,
    encodeGossip("topology", rawName, encodeUpdate(peers.map((peer) => description(...peer)))),
  );

test("topology limits: a neighbour that describes more than we keep stays connected, and space that is free again is used", async (t) => {
  const mesh = new TestMesh("limits");
  const peer = await mesh.start(1, { peerDiscovery: false });
  const raw = await RawPeer.join(mesh, peer);
  const far = Array.from({ length: topologyLimits.peers }, (_, i) => nameOf(1000 + i));
  tell(raw, [rawName, far, { version: 9n }]);
  await mesh.clock.advance(2_000);
  t.is(raw.ended, "no");
  t.is(peer.router.peers().length, 2);
  t.is(
    peer.log.filter((line) => line.startsWith("topology: ignored 1 description of a peer beyond")).length,
    1,
  );
  tell(raw, [rawName, far.slice(0, 100), { version: 10n }]);
  await mesh.clock.advance(2_000);
  t.is(peer.router.peers().length, 102);
  await mesh.stop(peer);
});

test("topology limits: a forged record at the highest version does not displace the true one", async (t) => {
  const mesh = new TestMesh("forged");
  const peer = await mesh.start(1, { peerDiscovery: false });
  const raw = await RawPeer.join(mesh, peer);
  tell(
    raw,
    [rawName, [nameOf(2)], { version: 9n }],
    [nameOf(2), [], { version: 2n ** 64n - 1n, nickName: "false" }],
  );
  await mesh.clock.advance(50);
  tell(raw, [nameOf(2), [], { version: 3n, nickName: "true" }]);
  await mesh.clock.advance(50);
  t.is(raw.ended, "no");
  t.is(peer.router.peers().find(({ name }) => name === nameOf(2))?.nickName, "true");
  await mesh.stop(peer);
});

test("topology limits: ignored descriptions are logged at once, then at most once a minute, with their number", async (t) => {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const refusals = new TopologyRefusals(clock, (line) => lines.push(line));
  const limits = "the limits of 65536 peers, 4194304 connections and 96 MiB";
  refusals.add({ beyondLimits: 1, aboveVersion: 0 });
  for (let i = 0; i < 1000; i++) refusals.add({ beyondLimits: 2, aboveVersion: 1 });
  t.deepEqual(lines, [`topology: ignored 1 description of a peer beyond ${limits}`]);
  await clock.advance(refusalIntervalMs);
  refusals.add({ beyondLimits: 0, aboveVersion: 1 });
  t.deepEqual(lines.slice(1), [
    `topology: ignored 2000 descriptions of peers beyond ${limits}, and 1001 at the highest version`,
  ]);
  await clock.advance(refusalIntervalMs);
  refusals.add({ beyondLimits: 0, aboveVersion: 1 });
  t.deepEqual(lines.slice(2), ["topology: ignored 1 description of a peer at the highest version"]);
});
