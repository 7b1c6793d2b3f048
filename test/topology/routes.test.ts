import test from "ava";
import type { PeerName } from "../../src/peer-name.ts";
import { encodeUpdate, Peer, type Peers, Routes } from "../../src/topology/index.ts";
import { type LinkRule, linkedPeers, search } from "../../src/topology/search.ts";
import { seededRandom } from "../../src/transport/index.ts";
import { connect, description, meshFrom, meshOf, nameOf, type TopologyCase } from "./fixtures.ts";

const unknown = nameOf(0);

/** Us, number 1, with neighbours 2 and 3; 4 lies behind both, 5 behind 3. */
function diamond() {
  const mesh = meshOf();
  connect(mesh.peers, nameOf(2));
  connect(mesh.peers, nameOf(3));
  const update = [
    description(nameOf(2), [1, 4].map(nameOf)),
    description(nameOf(3), [1, 4, 5].map(nameOf)),
    description(nameOf(4), [2, 3].map(nameOf)),
    description(nameOf(5), [3].map(nameOf)),
  ];
  mesh.peers.applyUpdate(encodeUpdate(update));
  return { ...mesh, routes: new Routes(mesh.ourself, mesh.peers, seededRandom("diamond")) };
}

test("routes: until the first calculation only ourselves can be reached", (t) => {
  const { routes } = diamond();
  t.is(routes.unicast(nameOf(1)), unknown);
  t.is(routes.unicastAll(nameOf(1)), unknown);
  t.is(routes.unicastAll(nameOf(2)), undefined);
  t.deepEqual(routes.broadcastAll(nameOf(1)), []);
  t.deepEqual(routes.randomNeighbours(nameOf(1)), []);
});

test("routes: the way to a peer leads over the neighbour with the lowest name", (t) => {
  const { routes } = diamond();
  routes.calculate();
  t.deepEqual(
    [1, 2, 3, 4, 5, 6].map((number) => routes.unicastAll(nameOf(number))),
    [unknown, nameOf(2), nameOf(3), nameOf(2), nameOf(3), undefined],
  );
  t.deepEqual(
    new Map(routes.unicastTable()),
    new Map([1, 2, 3, 4, 5].map((number) => [nameOf(number), routes.unicast(nameOf(number))!])),
  );
});

test("routes: tables stand until the next calculation", (t) => {
  const { ourself, peers, routes } = diamond();
  routes.calculate();
  ourself.deleteConnection(ourself.connections.get(nameOf(3))!);
  peers.dereference(peers.get(nameOf(3))!);
  t.is(routes.unicastAll(nameOf(5)), nameOf(3));
  routes.calculate();
  t.is(routes.unicastAll(nameOf(5)), nameOf(2));
});

test("routes: a broadcast route is kept from when it was first asked for until the next calculation", (t) => {
  const { ourself, peers, routes } = diamond();
  routes.calculate();
  t.deepEqual(routes.broadcastAll(nameOf(1)), [2, 3].map(nameOf));
  t.deepEqual(routes.broadcastAll(nameOf(2)), [nameOf(3)]);
  connect(peers, nameOf(6));
  t.deepEqual(routes.broadcastAll(nameOf(2)), [nameOf(3)], "kept");
  // 4 leads to 2 and 3 itself.
  t.deepEqual(routes.broadcastAll(nameOf(4)), [nameOf(6)], "asked for only now");
  t.deepEqual(routes.broadcastAll(nameOf(1)), [2, 3].map(nameOf));
  routes.calculate();
  t.deepEqual(routes.broadcastAll(nameOf(1)), [2, 3, 6].map(nameOf));
  t.is(ourself.connections.size, 3);
});

test("routes: a broadcast of a peer that is unknown, or from which no way leads to us, is not passed on", (t) => {
  const { peers, routes } = diamond();
  peers.applyUpdate(encodeUpdate([description(nameOf(9))]));
  routes.calculate();
  t.deepEqual(routes.broadcastAll(nameOf(99)), []);
  t.deepEqual(routes.broadcastAll(nameOf(9)), []);
});

test("routes: the broadcast table of Status holds ourselves and the established routes that were asked for", (t) => {
  const { routes } = diamond();
  routes.calculate();
  routes.broadcastAll(nameOf(2));
  t.deepEqual([...routes.broadcastTable()], [[nameOf(1), [2, 3].map(nameOf)]]);
  routes.broadcast(nameOf(3));
  t.deepEqual([...routes.broadcastTable().keys()], [1, 3].map(nameOf));
});

test("routes: nothing is kept for sources that nobody has", (t) => {
  const { routes } = diamond();
  routes.calculate();
  for (let number = 100; number < 200; number++) t.deepEqual(routes.broadcast(nameOf(number)), []);
  t.is(routes.broadcastTable().size, 1);
});

test("routes: the broadcast routes that were asked for are dropped when they have too many hops", (t) => {
  const { ourself, peers } = diamond();
  const routes = new Routes(ourself, peers, seededRandom("kept"), 5);
  routes.calculate();
  const sources = [2, 3, 4, 5].map(nameOf);
  const hops = sources.map((source) => routes.broadcast(source));
  const kept = [...routes.broadcastTable()];
  t.is(kept.at(-1)![0], nameOf(5));
  t.true(kept.reduce((sum, [, its]) => sum + its.length + 1, 0) <= 5);
  t.deepEqual(
    sources.map((source) => routes.broadcast(source)),
    hops,
    "those that were dropped are calculated anew",
  );
});

test("routes: a connection that is not established, or that one end does not tell of, is in the tables over all only", (t) => {
  const { ourself, peers } = meshOf();
  const routes = new Routes(ourself, peers, seededRandom(0));
  connect(peers, nameOf(2), false);
  connect(peers, nameOf(3));
  peers.applyUpdate(encodeUpdate([description(nameOf(2), [nameOf(1)]), description(nameOf(3))]));
  routes.calculate();
  t.deepEqual(
    [2, 3].map((number) => routes.unicast(nameOf(number))),
    [undefined, undefined],
  );
  t.deepEqual(
    [2, 3].map((number) => routes.unicastAll(nameOf(number))),
    [2, 3].map(nameOf),
  );
  const [connection] = ourself.connections.values();
  ourself.addConnection({ ...connection!, established: true });
  routes.calculate();
  t.is(routes.unicast(nameOf(2)), nameOf(2));
});

test("random neighbours: as many as twice the binary logarithm of the peers, each once, never the excepted one", (t) => {
  const { ourself, peers } = meshOf();
  const routes = new Routes(ourself, peers, seededRandom("many"));
  const counts = [];
  for (let number = 2; number <= 64; number++) {
    connect(peers, nameOf(number));
    routes.calculate();
    const drawn = routes.randomNeighbours(ourself.name);
    t.is(new Set(drawn).size, drawn.length);
    t.false(routes.randomNeighbours(nameOf(2)).includes(nameOf(2)));
    counts.push(drawn.length);
  }
  // 2, 3, 4 peers ... : at most all neighbours; then floor(2 log2(n)).
  t.deepEqual(counts.slice(0, 8), [1, 2, 3, 4, 5, 5, 6, 6]);
  t.is(counts[30 - 1], Math.floor(2 * Math.log2(31)));
  t.is(counts[64 - 2], 12);
});

test("random neighbours: powers of two give whole logarithms", (t) => {
  for (let power = 0; power < 31; power++) t.is(Math.floor(2 * Math.log2(2 ** power)), 2 * power);
});

/** Hops by the plain search, which the fast one must equal. */
function plainBroadcast(peers: Peers, source: Peer, rule: LinkRule): PeerName[] {
  const { reached, arrived } = search(source, rule, peers.ourself);
  if (!arrived) return [];
  return [...linkedPeers(peers.ourself, rule)]
    .map((peer) => peer.name)
    .filter((name) => !reached.has(name))
    .sort();
}

function drawnTopology(seed: number): TopologyCase {
  const random = seededRandom(`topology ${seed}`);
  const size = 1 + random.int(40);
  const names = Array.from({ length: size }, () => nameOf(1 + random.int(2 ** 48 - 1)));
  const one: TopologyCase = {
    names,
    described: names.map(() => random.int(10) > 0),
    connections: [],
    established: [],
  };
  const density = [0.02, 0.1, 0.3, 1][random.int(4)]!;
  for (let i = 0; i < size; i++) {
    const far = names.map((_, j) => j).filter((j) => j !== i && random.int(1000) < 1000 * density);
    one.connections.push(far);
    one.established.push(far.filter(() => random.int(5) > 0));
  }
  return one;
}

/** Whether fast and plain form agree in all they can be asked. */
function formsAgree(peers: Peers): boolean {
  for (const rule of ["all", "established"] as const) {
    const plain = search(peers.ourself, rule).reached;
    const fast = peers.graph.nextHops(rule);
    if (fast.size !== plain.size || ![...plain].every(([name, hop]) => fast.table.get(name) === hop))
      return false;
    for (const peer of peers) {
      if (`${peers.graph.broadcastHops(peer, rule)}` !== `${plainBroadcast(peers, peer, rule)}`) return false;
    }
  }
  return true;
}

test("graph: the fast form finds what the plain search finds, also as the mesh changes", (t) => {
  for (let seed = 0; seed < 120; seed++) {
    const topology = drawnTopology(seed);
    const { ourself, peers } = meshFrom(topology);
    t.true(formsAgree(peers), `topology ${seed}`);
    const [first] = ourself.connections.values();
    if (first === undefined) continue;
    peers.dereference(first.remote);
    ourself.deleteConnection(first);
    t.true(formsAgree(peers), `topology ${seed}, a connection of ours deleted`);
    peers.garbageCollect();
    t.true(formsAgree(peers), `topology ${seed}, collected`);
    const changed = description(topology.names.at(-1)!, topology.names.slice(1, 3), { version: 2n });
    peers.applyUpdate(encodeUpdate([changed, description(nameOf(7), topology.names.slice(1, 4))]));
    t.true(formsAgree(peers), `topology ${seed}, updated`);
  }
});

test("graph: a connection to a peer that was collected leads there until the peer is described again, as in Go", (t) => {
  const { ourself, peers } = meshOf();
  // 2 is being connected to, so it survives; 3, to which it leads, does not.
  const two = peers.fetchWithDefault(new Peer({ name: nameOf(2) }));
  peers.applyUpdate(
    encodeUpdate([description(nameOf(2), [1, 3].map(nameOf)), description(nameOf(3), [2].map(nameOf))]),
  );
  peers.garbageCollect();
  t.is(peers.get(nameOf(3)), undefined);
  ourself.addConnection({ remote: two, remoteAddress: "", outbound: true, established: true });
  t.true(formsAgree(peers));
  t.is(peers.graph.nextHops("all").table.get(nameOf(3)), nameOf(2));
  // Described anew, 3 is another object than the one that 2 leads to.
  peers.applyUpdate(encodeUpdate([description(nameOf(3), [4].map(nameOf))]));
  t.true(formsAgree(peers));
  t.is(peers.graph.nextHops("all").table.get(nameOf(4)), undefined);
  peers.applyUpdate(encodeUpdate([description(nameOf(2), [1, 3].map(nameOf), { version: 2n })]));
  t.true(formsAgree(peers));
  t.is(peers.graph.nextHops("all").table.get(nameOf(4)), nameOf(2));
});
