import test from "ava";
import type { OpaqueData } from "../../src/gossip/gossiper.ts";
import { TopologyData } from "../../src/gossip/index.ts";
import type { SenderChannel } from "../../src/gossip/sender.ts";
import type { PeerName } from "../../src/peer-name.ts";
import { decodeUpdate, encodeUpdate, type Peers } from "../../src/topology/index.ts";
import { description, meshOf, nameOf } from "../topology/fixtures.ts";
import { FakeConnection } from "./fake-connection.ts";

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

test("topology data: for a slow neighbour one message is made at a time, of what is known then", (t) => {
  const peers = knowing(4);
  const tell = (number: number, version: bigint, length: number): void => {
    const peer = description(nameOf(number), [], { version, nickName: "x".repeat(length) });
    peers.applyUpdate(encodeUpdate([peer]));
  };
  for (const number of [2, 3, 4]) tell(number, 2n, 6_000_000);
  const channel: SenderChannel = {
    sendGossip: (to, payload) => to.send(4, payload),
    sendBroadcast: (to, _source, payload) => to.send(6, payload),
    report: (error) => t.fail(String(error)),
  };
  const connection = new FakeConnection("::2");
  connection.room = 1;
  connection.senders.add(channel, (sender) =>
    sender.addGossip(new TopologyData(peers, setOf(2, 3, 4)) as unknown as OpaqueData),
  );
  connection.senders.deliver();
  t.is(connection.sent.length, 1);
  t.false(connection.senders.empty);
  for (const number of [2, 3, 4]) tell(number, 3n, 1);
  connection.drain();
  const sent = connection.sent.map(({ body }) => decodeUpdate(body, "mac").peers);
  t.deepEqual(
    sent.map((described) => described.map(({ version }) => version)),
    [[2n], [3n, 3n]],
    "the two that were left now fit one message",
  );
  t.true(connection.senders.empty);
});
