import test from "ava";
import type { PeerName } from "../../src/peer-name.ts";
import { encodeUpdate, type PeerDescription, type Peers, Routes } from "../../src/topology/index.ts";
import { seededRandom } from "../../src/transport/index.ts";
import { assertGrowth } from "../cost/growth.ts";
import { connect, description, meshOf, nameOf } from "./fixtures.ts";

const range = (count: number, from = 100): PeerName[] =>
  Array.from({ length: count }, (_, i) => nameOf(from + i));

/** Meshes of size n behind our neighbour, number 2. */
const meshes: Record<string, (n: number) => PeerDescription[]> = {
  "a star whose ends tell of it": (n) => [
    description(nameOf(2), [nameOf(1), ...range(n)]),
    ...range(n).map((name) => description(name, [nameOf(2)])),
  ],
  "a chain of n peers": (n) => {
    const names = [nameOf(1), nameOf(2), ...range(n)];
    return names.slice(1).map((name, i) => description(name, [names[i]!, names[i + 2] ?? names[i]!]));
  },
  "n peers that lead to one with n connections to others": (n) => [
    description(nameOf(2), [nameOf(1), ...range(n)]),
    description(nameOf(3), range(n, 10_000_000)),
    ...range(n).map((name) => description(name, [nameOf(2), nameOf(3)])),
  ],
  "such peers, with connections that are not established": (n) => {
    const hub = description(nameOf(3), range(n, 10_000_000));
    hub.connections[0]!.established = false;
    return [
      description(nameOf(2), [nameOf(1), ...range(n)]),
      hub,
      ...range(n).map((name) => description(name, [nameOf(2), nameOf(3)])),
    ];
  },
  "4 peers with n connections each to the same": (n) => [
    description(nameOf(2), [nameOf(1), ...range(4, 10)]),
    ...range(4, 10).map((name) => description(name, [nameOf(2), ...range(n)])),
  ],
};

/** `strays`: a peer that a connection of ours holds on to leads to peers that were collected, so that the plain search is used. */
function knowing(described: readonly PeerDescription[], strays: boolean): { peers: Peers; routes: Routes } {
  const { ourself, peers } = meshOf();
  connect(peers, nameOf(2));
  if (strays) {
    const held = connect(peers, nameOf(90));
    peers.applyUpdate(encodeUpdate([description(nameOf(90), [nameOf(91)])]));
    ourself.deleteConnection(held);
    peers.garbageCollect();
  }
  peers.applyUpdate(encodeUpdate(described));
  return { peers, routes: new Routes(ourself, peers, seededRandom("cost")) };
}

for (const strays of [false, true]) {
  // Where the plain search is asked most about the same peer.
  const searched = Object.entries(meshes).filter(([name]) => !strays || name.includes("that lead to one"));
  for (const [name, mesh] of searched) {
    const form = strays ? "plain search" : "fast form";
    test.serial(`routes, ${form}: the work over ${name} is of order n log n`, async (t) => {
      await assertGrowth(t, {
        name,
        prepare: (n) => {
          const described = mesh(n);
          return { ...knowing(described, strays), source: described.at(-1)!.name };
        },
        run: ({ peers, routes, source }) => {
          routes.calculate();
          routes.broadcastAll(source);
          routes.broadcast(source);
          routes.randomNeighbours(nameOf(1));
          peers.garbageCollect();
        },
      });
    });
  }
}

test.serial("routes: the work of encoding a mesh in many messages is of order n log n", async (t) => {
  await assertGrowth(t, {
    name: "messages",
    prepare: (n) => knowing(meshes["a chain of n peers"]!(n), false),
    run: ({ peers }) => peers.encodeMessages(peers.names(), 2000),
  });
});
