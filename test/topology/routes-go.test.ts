import { isDeepStrictEqual } from "node:util";
import test from "ava";
import type { PeerName } from "../../src/peer-name.ts";
import { Routes } from "../../src/topology/index.ts";
import { seededRandom } from "../../src/transport/index.ts";
import { meshFrom, readFixture, type TopologyCase } from "./fixtures.ts";

/** Next hops: -1 no way, -2 the unknown name. */
interface RoutesCase extends TopologyCase {
  unicast: number[];
  unicastAll: number[];
  broadcast: number[][];
  broadcastAll: number[][];
}

/** How often each of our connections' peers was drawn, and how often when a message of the first was passed on. */
interface NeighboursCase extends TopologyCase {
  drawn: number[];
  drawnExceptFirst: number[];
}

function routesOf(one: TopologyCase, seed: string): Routes {
  const { ourself, peers } = meshFrom(one);
  const routes = new Routes(ourself, peers, seededRandom(seed));
  routes.calculate();
  return routes;
}

test("routes: unicast and broadcast tables of 500 random topologies are those of Go", (t) => {
  const { topologies } = readFixture<{ topologies: RoutesCase[] }>("routes.json.gz");
  t.is(topologies.length, 500);
  for (const [number, one] of topologies.entries()) {
    const routes = routesOf(one, "routes");
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
    const theirs = { unicast, unicastAll, broadcast, broadcastAll };
    // Much quicker than an assertion, which is for showing the difference.
    if (!isDeepStrictEqual(ours, theirs)) t.deepEqual(ours, theirs, `topology ${number}`);
  }
});

test("random neighbours: over 10,000 draws each is drawn as often as by Go, within 3 standard errors", (t) => {
  const { draws, topologies } = readFixture<{ draws: number; topologies: NeighboursCase[] }>(
    "neighbours.json.gz",
  );
  t.is(topologies.length, 10);
  const seeds = topologies.keys();
  for (const one of topologies) {
    const routes = routesOf(one, `neighbours ${seeds.next().value}`);
    const neighbours = one.connections[0]!.map((to) => one.names[to]!);
    for (const [except, theirs] of [
      [one.names[0]!, one.drawn],
      [neighbours[0]!, one.drawnExceptFirst],
    ] as const) {
      const ours = new Map<PeerName, number>(neighbours.map((name) => [name, 0]));
      for (let draw = 0; draw < draws; draw++) {
        for (const name of routes.randomNeighbours(except)) ours.set(name, ours.get(name)! + 1);
      }
      for (const [i, name] of neighbours.entries()) {
        const difference = (ours.get(name)! - theirs[i]!) / draws;
        const share = (ours.get(name)! + theirs[i]!) / (2 * draws);
        // Of the difference of two shares that were both drawn.
        const standardError = Math.sqrt((2 * share * (1 - share)) / draws);
        t.true(Math.abs(difference) <= 3 * standardError, `${name}: ${ours.get(name)} and ${theirs[i]}`);
      }
    }
  }
});
