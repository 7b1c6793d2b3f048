import test from "ava";
import { PeerName } from "../../src/peer-name.ts";
import { ConnectionMaker } from "../../src/router/connection-maker.ts";
import { maxDiscoveredAttempts } from "../../src/router/dial-limiter.ts";
import { maxDiscoveredTargets } from "../../src/router/discovery.ts";
import { seededRandom, VirtualClock } from "../../src/testing.ts";
import { LocalPeer, Peer, Peers, RemoteConnection } from "../../src/topology/index.ts";
import { encodeUnicast, Tag } from "../../src/wire/index.ts";
import { assertGrowth } from "../cost/growth.ts";
import { bytes, TestMesh } from "./mesh.ts";
import { RawPeer } from "./raw-peer.ts";

const name = (index: number): PeerName => PeerName.fromUint(BigInt(index));

/** A connection maker whose dials fail, in a mesh where one peer tells of connections to these addresses. */
function maker(addresses: readonly string[]) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const random = seededRandom("maker");
  const ourself = new LocalPeer({ name: name(1), nickName: "", uid: 1n, shortId: 1 });
  const peers = new Peers(ourself, { random, flavour: "mac" });
  const other = peers.fetchWithDefault(new Peer({ name: name(2) }));
  other.connections = new Map(
    addresses.map((address, i) => {
      const remote = new Peer({ name: name(100 + i) });
      return [remote.name, new RemoteConnection(remote, address, true, true)];
    }),
  );
  const dialled: string[] = [];
  const resolved: string[] = [];
  const made = new ConnectionMaker({
    clock,
    random,
    ourself,
    peers,
    port: 6783,
    peerDiscovery: true,
    checkConnectionLimit() {},
    resolve: async (host) => {
      if (!/^[0-9.]+$/.test(host)) resolved.push(host);
      return [host];
    },
    resolvePort: async (port) => Number(port),
    dial: async (ip) => {
      dialled.push(ip);
      throw new Error("connection refused");
    },
    log() {},
  });
  return { clock, maker: made, dialled, resolved };
}

const address = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:6783`;

test.serial(
  "discovery: addresses of remote peers are dialled at a limited rate, whatever their number",
  async (t) => {
    const { clock, maker: made, dialled } = maker(Array.from({ length: 20_000 }, (_, i) => address(i)));
    made.refresh();
    await clock.advance(1);
    t.true(dialled.length >= maxDiscoveredAttempts && dialled.length <= maxDiscoveredAttempts + 1);
    await clock.advance(10_000);
    t.true(dialled.length <= maxDiscoveredAttempts + 1_001, `${dialled.length} attempts in 10 s`);
    t.true(dialled.length >= maxDiscoveredAttempts + 900, `${dialled.length} attempts in 10 s`);
    t.true(made.targetViews().length <= maxDiscoveredTargets);
    made.stop();
  },
);

test.serial(
  "discovery: the names of hosts and services that remote peers tell are not looked up",
  async (t) => {
    const hosts = ["evil.example:6783", "localhost:6783", "10.0.0.7:http", "10.0.0.8:6783"];
    const { clock, maker: made, dialled, resolved } = maker(hosts);
    made.refresh();
    await clock.advance(1);
    t.deepEqual([resolved, dialled], [[], ["10.0.0.8"]]);
    // A user may name a host.
    made.connect(["evil.example"], false);
    await clock.advance(1);
    t.deepEqual(resolved, ["evil.example"]);
    made.stop();
  },
);

test.serial("cost: failing attempts at discovered addresses", async (t) => {
  await assertGrowth(t, {
    name: "addresses",
    prepare: (n) => maker(Array.from({ length: n }, (_, i) => address(i))),
    run: async ({ clock, maker: made }) => {
      made.refresh();
      await clock.advance(500);
      made.stop();
    },
  });
});

test.serial("cost: unicasts to unknown peers, on as many unknown channels", async (t) => {
  await assertGrowth(t, {
    name: "unicasts",
    prepare: (n) => n,
    run: async (n) => {
      const mesh = new TestMesh(t.title);
      const peer = await mesh.start(1);
      const raw = await RawPeer.join(mesh, peer);
      for (let i = 0; i < n; i++) {
        raw.send(Tag.unicast, encodeUnicast(`channel ${i}`, name(99), name(1000 + i), bytes("x")));
        if (i % 1000 === 0) await mesh.clock.advance(10);
      }
      await mesh.clock.advance(100);
      await mesh.stop(peer);
    },
  });
});
