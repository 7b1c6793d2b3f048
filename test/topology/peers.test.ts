import test from "ava";
import { encodeUpdate, Peer, TopologyError } from "../../src/topology/index.ts";
import { connect, description, meshOf, nameOf } from "./fixtures.ts";

test("peers: we know ourselves from the start and are never collected", (t) => {
  const { ourself, peers } = meshOf();
  peers.garbageCollect();
  t.deepEqual([...peers], [ourself]);
  t.is(peers.size, 1);
  t.is(`${ourself}`, "00:00:00:00:00:01(us)");
});

test("local peer: each change of its connections or short ID is a version more", (t) => {
  const { ourself, peers } = meshOf();
  const connection = connect(peers, nameOf(2), false);
  t.is(ourself.version, 1n);
  ourself.connectionEstablished(connection);
  t.is(ourself.version, 2n);
  ourself.setShortId(9);
  t.is(ourself.version, 3n);
  ourself.deleteConnection(connection);
  t.is(ourself.version, 4n);
  t.is(ourself.connections.size, 0);
});

test("local peer: setVersionBeyond goes beyond a version not below ours only", (t) => {
  const { ourself } = meshOf();
  t.true(ourself.setVersionBeyond(0n));
  t.is(ourself.version, 1n);
  t.false(ourself.setVersionBeyond(0n));
  t.true(ourself.setVersionBeyond(41n));
  t.is(ourself.version, 42n);
});

test("peers: what is said of a known peer when it connects does not change it, be it a placeholder", (t) => {
  const { peers } = meshOf();
  peers.applyUpdate(encodeUpdate([description(nameOf(2), [nameOf(3)])]));
  const fetched = peers.fetchWithDefault(new Peer({ name: nameOf(3), nickName: "x", uid: 9n, shortId: 4 }));
  t.is(fetched, peers.get(nameOf(3))!);
  t.like(fetched, { nickName: "", uid: 0n, version: 0n, hasShortId: false, localRefCount: 1 });
});

test("peers: a peer that a connection of ours holds on to is not collected", (t) => {
  const removed: string[] = [];
  const { peers } = meshOf({ on: { removed: (peer) => removed.push(`${peer}`) } });
  const peer = peers.fetchWithDefault(new Peer({ name: nameOf(2), nickName: "two" }));
  peers.garbageCollect();
  t.is(peers.get(nameOf(2)), peer);
  peers.dereference(peer);
  t.is(peers.get(nameOf(2)), peer, "until the next collection");
  peers.garbageCollect();
  t.is(peers.get(nameOf(2)), undefined);
  t.deepEqual(removed, ["00:00:00:00:00:02(two)"]);
});

test("peers: unknown names are not fetched", (t) => {
  const { peers } = meshOf();
  t.is(peers.fetchAndAddRef(nameOf(2)), undefined);
  t.is(peers.get(nameOf(2)), undefined);
});

test("peers: what we can reach over any connections stays, established or not, told of by one end or both", (t) => {
  const { peers } = meshOf();
  connect(peers, nameOf(2), false);
  const chain = [
    description(nameOf(2), [nameOf(3)]),
    description(nameOf(3), [nameOf(4)]),
    description(nameOf(5), [nameOf(4)]),
  ];
  chain[0]!.connections[0]!.established = false;
  peers.applyUpdate(encodeUpdate(chain));
  t.is(peers.size, 5);
  peers.garbageCollect();
  t.deepEqual([...peers.names()].sort(), [1, 2, 3, 4].map(nameOf));
});

test("peers: of a broadcast all that was described is told, of gossip what was new", (t) => {
  const { peers } = meshOf();
  const first = [description(nameOf(2), [nameOf(3)]), description(nameOf(4))];
  t.deepEqual(peers.applyUpdate(encodeUpdate(first)), {
    described: new Set([nameOf(2), nameOf(4)]),
    changed: new Set([nameOf(2), nameOf(4)]),
  });
  const second = [description(nameOf(2), [], { version: 2n }), description(nameOf(4))];
  t.deepEqual(peers.applyUpdate(encodeUpdate(second)), {
    described: new Set([nameOf(2), nameOf(4)]),
    changed: new Set([nameOf(2)]),
  });
});

const newness: [
  title: string,
  known: [version: bigint, uid: bigint, hasShortId: boolean],
  told: [version: bigint, uid: bigint, hasShortId: boolean],
  news: boolean,
][] = [
  ["a higher version", [1n, 5n, true], [2n, 4n, false], true],
  ["a lower version", [2n, 5n, false], [1n, 6n, true], false],
  ["the same version, a higher UID", [1n, 5n, true], [1n, 6n, false], true],
  ["the same version, a lower UID", [1n, 5n, false], [1n, 4n, true], false],
  ["the same version and UID, a short ID at last", [1n, 5n, false], [1n, 5n, true], true],
  ["the same version and UID, a short ID as before", [1n, 5n, true], [1n, 5n, true], false],
  ["the same version and UID, no short ID any more", [1n, 5n, true], [1n, 5n, false], false],
  ["the highest version", [2n ** 64n - 2n, 5n, true], [2n ** 64n - 1n, 5n, true], true],
];

for (const [title, known, told, news] of newness) {
  test(`peers: ${title} is ${news ? "" : "no "}news`, (t) => {
    const { peers } = meshOf();
    const say = ([version, uid, hasShortId]: typeof known, nickName: string) =>
      peers.applyUpdate(
        encodeUpdate([
          description(nameOf(2), [], { version, uid, hasShortId, shortId: hasShortId ? 3 : 0, nickName }),
        ]),
      );
    say(known, "before");
    t.is(say(told, "after").changed.size, news ? 1 : 0);
    t.is(peers.get(nameOf(2))!.nickName, news ? "after" : "before");
  });
}

test("peers: news of ourselves from another run makes our version higher, and is announced", (t) => {
  let announced = 0;
  const { ourself, peers } = meshOf({ on: { localPeerChanged: () => announced++ } });
  const say = (uid: bigint, version: bigint) =>
    peers.applyUpdate(
      encodeUpdate([description(ourself.name, [nameOf(2)], { uid, version, nickName: "old" })]),
    );
  t.is(say(1n, 7n).changed.size, 0);
  t.is(ourself.version, 8n);
  t.is(announced, 1);
  say(1n, 7n);
  t.is(announced, 1, "not if ours is higher already");
  say(ourself.uid, 20n);
  t.is(ourself.version, 8n, "our own words that come back are ignored");
  t.like(ourself, { nickName: "us", uid: 77n });
  t.is(ourself.connections.size, 0);
});

test("peers: nothing of a malformed update is applied", (t) => {
  const { peers } = meshOf();
  const update = encodeUpdate([description(nameOf(2), [nameOf(3)]), description(nameOf(4))]);
  const error = t.throws(() => peers.applyUpdate(update.subarray(0, update.length - 3)), {
    instanceOf: TopologyError,
  });
  t.is(error?.code, "malformed-update");
  t.is(peers.size, 1);
});

test("peers: added peers are reported once, after the change is complete", (t) => {
  const added: [name: string, known: number][] = [];
  const mesh = meshOf({ on: { added: (peer) => added.push([peer.name, mesh.peers.size]) } });
  mesh.peers.applyUpdate(encodeUpdate([description(nameOf(2), [nameOf(3), nameOf(1)])]));
  mesh.peers.applyUpdate(encodeUpdate([description(nameOf(3))]));
  t.deepEqual(added, [
    [nameOf(2), 3],
    [nameOf(3), 3],
  ]);
});

test("peers: a handler may call back in", (t) => {
  const mesh = meshOf({
    on: { removed: () => mesh.peers.fetchWithDefault(new Peer({ name: nameOf(9), shortId: 9 })) },
  });
  mesh.peers.dereference(mesh.peers.fetchWithDefault(new Peer({ name: nameOf(2) })));
  mesh.peers.garbageCollect();
  t.deepEqual([...mesh.peers.names()], [nameOf(1), nameOf(9)]);
});

test("peers: encode leaves out peers that are not known any more, and is empty for none", (t) => {
  const { peers } = meshOf();
  t.is(peers.encode([nameOf(2)]).length, 0);
  t.deepEqual(peers.encodeMessages([nameOf(2)]), [new Uint8Array(0)]);
  t.deepEqual(peers.encode([nameOf(2), nameOf(1)]), peers.encode([nameOf(1)]));
});
