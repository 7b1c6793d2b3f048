import test from "ava";
import fc from "fast-check";
import type { PeerName } from "../../src/peer-name.ts";
import {
  encodeUpdate,
  LocalPeer,
  type PeerDescription,
  Peers,
  type RefusedDescriptions,
  type TopologyLimits,
  topologyLimits,
} from "../../src/topology/index.ts";
import { seededRandom } from "../../src/transport/index.ts";
import { connect, description, nameOf } from "./fixtures.ts";

/** Ourselves, number 1, connected to number 2, with these limits. */
function limited(limits: Partial<TopologyLimits>) {
  const refused: RefusedDescriptions[] = [];
  const ourself = new LocalPeer({ name: nameOf(1), nickName: "us", uid: 77n, shortId: 1 });
  const peers = new Peers(ourself, {
    random: seededRandom("limits"),
    flavour: "mac",
    limits: { ...topologyLimits, ...limits },
    on: { refused: (descriptions) => refused.push(descriptions) },
  });
  connect(peers, nameOf(2));
  const apply = (...described: PeerDescription[]) => peers.applyUpdate(encodeUpdate(described));
  return { ourself, peers, refused, apply };
}

const range = (from: number, count: number): PeerName[] =>
  Array.from({ length: count }, (_, i) => nameOf(from + i));

test("topology limits: peers beyond the limit are neither added nor relayed, and the rest of the update counts", (t) => {
  const { peers, refused, apply } = limited({ peers: 4 });
  const update = [description(nameOf(2), range(10, 2)), description(nameOf(10), [nameOf(12)])];
  const more = [description(nameOf(13)), description(nameOf(11), [nameOf(2)])];
  const { described, changed } = apply(...update, ...more);
  t.deepEqual([...peers.names()], [nameOf(1), nameOf(2), nameOf(10), nameOf(11), nameOf(12)]);
  const expected = new Set([nameOf(2), nameOf(10), nameOf(11)]);
  t.deepEqual([described, changed], [expected, expected]);
  t.deepEqual(refused, [{ beyondLimits: 1, aboveVersion: 0 }]);
});

test("topology limits: placeholders count, and a description that names too many is refused whole", (t) => {
  const { peers, refused, apply } = limited({ peers: 10 });
  t.deepEqual(apply(description(nameOf(2), range(10, 10))).described, new Set());
  t.is(peers.size, 2);
  t.is(peers.get(nameOf(2))!.connections.size, 0);
  t.deepEqual(apply(description(nameOf(2), range(10, 9))).described, new Set([nameOf(2)]));
  t.is(peers.size, 11);
  t.is(refused.length, 1);
});

test("topology limits: they hold over many updates, and collection gives the space back", (t) => {
  const { peers, refused, apply } = limited({ peers: 20 });
  for (let i = 0; i < 50; i++) apply(description(nameOf(2), [nameOf(100 + i)], { version: BigInt(i + 1) }));
  t.is(peers.size, 21, "those that nothing leads to any more are still known");
  t.is(refused.length, 50 - 19);
  peers.garbageCollect();
  t.is(peers.size, 3);
  t.deepEqual(apply(description(nameOf(2), range(500, 18), { version: 99n })).changed, new Set([nameOf(2)]));
  t.is(peers.kept.peers, 20);
});

test("topology limits: connections are counted in all lists, and those replaced no longer", (t) => {
  const { peers, refused, apply } = limited({ connections: 10 });
  const clique = range(2, 4);
  apply(
    ...clique.slice(0, 3).map((name) =>
      description(
        name,
        clique.filter((far) => far !== name),
      ),
    ),
  );
  t.is(peers.kept.connections, 9);
  t.is(apply(description(nameOf(5), range(2, 3))).changed.size, 0, "3 more are too many");
  apply(description(nameOf(2), [nameOf(3)], { version: 2n }));
  t.is(peers.kept.connections, 7);
  t.is(apply(description(nameOf(5), range(2, 3))).changed.size, 1);
  t.is(peers.kept.connections, 10);
  t.is(refused.length, 1);
});

test("topology limits: the bytes of nicknames, addresses and names count", (t) => {
  const { peers, refused, apply } = limited({ bytes: 100_000 });
  const long = "x".repeat(60_000);
  apply(description(nameOf(2), range(10, 3)));
  apply(description(nameOf(10), [], { nickName: long }));
  t.is(peers.get(nameOf(10))!.nickName, "");
  const addressed = description(nameOf(11), [nameOf(2)]);
  addressed.connections[0]!.remoteAddress = "x".repeat(100_000);
  apply(addressed);
  t.is(peers.get(nameOf(11))!.connections.size, 0);
  apply(description(nameOf(12), [], { nameBytes: new Uint8Array(100_000).fill(7) }));
  t.is(refused.length, 3);
  apply(description(nameOf(10), [], { nickName: long.slice(20_000) }));
  t.is(peers.get(nameOf(10))!.nickName.length, 40_000);
  t.true(peers.kept.bytes < 100_000);
});

test("topology limits: at the limit, what is known already and what makes less is still taken", (t) => {
  const { refused, apply } = limited({ peers: 5 });
  const update = description(nameOf(2), range(10, 4), { version: 2n });
  apply(update);
  t.deepEqual(apply(update).described, new Set([nameOf(2)]));
  const fewer = description(nameOf(2), range(10, 3), { version: 3n });
  t.deepEqual(apply(fewer).changed, new Set([nameOf(2)]));
  t.deepEqual(refused, []);
});

test("topology limits: a peer that connects is known whatever the limit", (t) => {
  const { peers } = limited({ peers: 1 });
  connect(peers, nameOf(3));
  t.is(peers.size, 3);
});

test("topology limits: a description at the highest version is ignored, and the rest of the update counts", (t) => {
  const { peers, refused, apply } = limited({});
  const highest = 2n ** 64n - 1n;
  const result = apply(
    description(nameOf(3), [nameOf(9)], { version: highest }),
    description(nameOf(2), [nameOf(3)], { version: highest - 1n }),
  );
  t.deepEqual(result, { described: new Set([nameOf(2)]), changed: new Set([nameOf(2)]) });
  t.is(peers.get(nameOf(3))!.version, 0n, "it is a placeholder, for which a true description is news");
  t.is(peers.get(nameOf(9)), undefined);
  t.deepEqual(refused, [{ beyondLimits: 0, aboveVersion: 1 }]);
});

test("topology limits: news of ourselves at a version that nobody could go beyond changes nothing", (t) => {
  const { ourself, apply } = limited({});
  const { version } = ourself;
  for (const below of [1n, 2n]) apply(description(nameOf(1), [], { uid: 5n, version: 2n ** 64n - below }));
  t.is(ourself.version, version);
  apply(description(nameOf(1), [], { uid: 5n, version: 2n ** 64n - 3n }));
  t.is(ourself.version, 2n ** 64n - 2n);
});

test("topology limits: whatever updates say, what is kept is counted right and stays within the limits", (t) => {
  const limits = { peers: 12, connections: 25, bytes: 12_000 };
  const described = fc.record({
    number: fc.integer({ min: 1, max: 20 }),
    far: fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 8 }),
    version: fc.bigInt({ min: 1n, max: 6n }),
    nickName: fc.string({ maxLength: 300 }),
  });
  const step = fc.oneof(fc.array(described, { maxLength: 6 }), fc.constant(undefined));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const { peers, apply } = limited(limits);
      for (const update of steps) {
        if (update === undefined) peers.garbageCollect();
        else
          apply(
            ...update.map(({ number, far, version, nickName }) =>
              description(nameOf(number), far.map(nameOf), { version, nickName }),
            ),
          );
        const others = [...peers].filter((peer) => peer !== peers.ourself);
        const connections = others.reduce((sum, peer) => sum + peer.connections.size, 0);
        const { kept } = peers;
        if (kept.peers !== others.length || kept.connections !== connections) return false;
        if (kept.peers > limits.peers || connections > limits.connections) return false;
        if (kept.bytes > limits.bytes) return false;
        const known = peers.names();
        for (const peer of others)
          for (const name of peer.connections.keys()) if (!known.has(name)) return false;
      }
      return true;
    }),
    { numRuns: 100 },
  );
  t.pass();
});

test("topology limits: without collection in between, what is applied within them is as without limits", (t) => {
  const described = fc.record({
    number: fc.integer({ min: 1, max: 12 }),
    far: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 6 }),
    version: fc.bigInt({ min: 1n, max: 4n }),
  });
  fc.assert(
    fc.property(fc.array(fc.array(described, { maxLength: 5 }), { maxLength: 10 }), (updates) => {
      // So small that the exact count is always taken, so large that nothing is refused.
      const tight = limited({ peers: 12 });
      const free = limited({});
      for (const update of updates) {
        const peers = update.map(({ number, far, version }) =>
          description(nameOf(number), far.map(nameOf), { version }),
        );
        const [a, b] = [tight.apply(...peers), free.apply(...peers)];
        t.deepEqual(a, b);
        t.deepEqual(
          Buffer.from(tight.peers.encode(tight.peers.names())),
          Buffer.from(free.peers.encode(free.peers.names())),
        );
      }
      return tight.refused.length === 0;
    }),
    { numRuns: 100 },
  );
});
