import test from "ava";
import type { PeerName } from "../../src/peer-name.ts";
import { encodeUpdate, Routes } from "../../src/topology/index.ts";
import { seededRandom } from "../../src/transport/index.ts";
import { connect, description, meshOf, readFixture } from "./fixtures.ts";

/** Peers are indices into `names`; ours is 0. Next hops: -1 no way, -2 the unknown name. */
interface RoutesCase {
  names: PeerName[];
  described: boolean[];
  connections: number[][];
  established: number[][];
  unicast: number[];
  unicastAll: number[];
  broadcast: number[][];
  broadcastAll: number[][];
}

const { topologies } = readFixture<{ topologies: RoutesCase[] }>("routes.json.gz");

function routesOf(one: RoutesCase): Routes {
  const { ourself, peers } = meshOf({ name: one.names[0]! });
  for (const to of one.connections[0]!) connect(peers, one.names[to]!, one.established[0]!.includes(to));
  const described = one.names.flatMap((name, i) => {
    if (i === 0 || !one.described[i]) return [];
    const peer = description(
      name,
      one.connections[i]!.map((to) => one.names[to]!),
    );
    for (const [at, connection] of peer.connections.entries()) {
      connection.established = one.established[i]!.includes(one.connections[i]![at]!);
    }
    return [peer];
  });
  peers.applyUpdate(encodeUpdate(described));
  const routes = new Routes(ourself, peers, seededRandom(0));
  routes.calculate();
  return routes;
}

test("routes: unicast and broadcast tables of 500 random topologies are those of Go", (t) => {
  t.is(topologies.length, 500);
  for (const [number, one] of topologies.entries()) {
    const routes = routesOf(one);
    const indexOf = new Map<PeerName | undefined, number>(one.names.map((name, i) => [name, i]));
    const hop = (name: PeerName | undefined): number => (name === undefined ? -1 : (indexOf.get(name) ?? -2));
    const hops = (names: readonly PeerName[]): number[] => names.map(hop).sort((a, b) => a - b);
    const ours = {
      unicast: one.names.map((name) => hop(routes.unicast(name))),
      unicastAll: one.names.map((name) => hop(routes.unicastAll(name))),
      broadcast: one.names.map((name) => hops(routes.broadcast(name))),
      broadcastAll: one.names.map((name) => hops(routes.broadcastAll(name))),
    };
    const { unicast, unicastAll, broadcast, broadcastAll } = one;
    t.deepEqual(ours, { unicast, unicastAll, broadcast, broadcastAll }, `topology ${number}`);
  }
});
