import test from "ava";
import { TopologyData } from "../../src/gossip/index.ts";
import type { PeerName } from "../../src/peer-name.ts";
import { decodeUpdate, encodeUpdate, type Peers } from "../../src/topology/index.ts";
import { description, meshOf, nameOf } from "../topology/fixtures.ts";

/** We know ourselves and the peers 2 to `last`. */
function knowing(last: number): Peers {
  const { peers } = meshOf();
  const described = Array.from({ length: last - 1 }, (_, i) => description(nameOf(2 + i)));
  peers.applyUpdate(encodeUpdate(described));
  return peers;
}

const setOf = (...numbers: number[]): Set<PeerName> => new Set(numbers.map(nameOf));

test("topology data: merging changes neither of the two, nor the sets they were made of", (t) => {
  const peers = knowing(9);
  const names = setOf(2, 3);
  const a = new TopologyData(peers, names);
  const b = new TopologyData(peers, setOf(3, 4));
  const ab = a.merge(b);
  const abc = ab.merge(new TopologyData(peers, setOf(5)));
  const abd = ab.merge(new TopologyData(peers, setOf(6)));
  const abcd = abc.merge(abd);
  t.deepEqual([...names], [2, 3].map(nameOf));
  t.deepEqual(
    [a, b, ab, abc, abd, abcd].map((data) => [...data]),
    [
      [2, 3].map(nameOf),
      [3, 4].map(nameOf),
      [2, 3, 4].map(nameOf),
      [2, 3, 4, 5].map(nameOf),
      [2, 3, 4, 6].map(nameOf),
      [2, 3, 4, 5, 6].map(nameOf),
    ],
  );
  const sent = abd.encode().flatMap((message) => decodeUpdate(message, "mac").peers);
  t.deepEqual(
    sent.map(({ name }) => name),
    [2, 3, 4, 6].map(nameOf),
  );
  t.deepEqual(abc.names, setOf(2, 3, 4, 5));
});

test("topology data: names of peers that were collected do not pile up while a neighbour is slow", (t) => {
  const peers = knowing(3);
  let waiting = new TopologyData(peers, setOf(2));
  for (let i = 0; i < 10_000; i++) waiting = waiting.merge(new TopologyData(peers, setOf(3, 100 + i)));
  t.true(waiting.size < 2000, `${waiting.size} names`);
  const sent = waiting.encode().flatMap((message) => decodeUpdate(message, "mac").peers);
  t.deepEqual(
    sent.map(({ name }) => name),
    [2, 3].map(nameOf),
  );
});
