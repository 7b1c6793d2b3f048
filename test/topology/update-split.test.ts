import test from "ava";
import type { PeerName } from "../../src/peer-name.ts";
import { decodeUpdate, encodeUpdate, maxUpdateBytes, type Peers } from "../../src/topology/index.ts";
import { description, meshFrom, meshOf, nameOf } from "./fixtures.ts";

/** A ring of `size` peers, of which we are the first; each also leads to one across. */
function ring(size: number): Peers {
  const names = Array.from({ length: size }, (_, i) => nameOf(1 + i));
  const connections = names.map((_, i) =>
    [(i + 1) % size, (i + size - 1) % size, (i * 7 + 3) % size].filter((j) => j !== i),
  );
  return meshFrom({ names, described: names.map(() => true), connections, established: connections }).peers;
}

test("topology messages: what fits one frame is one message, in the order asked for", (t) => {
  const peers = ring(20);
  const names = [...peers.names()].toReversed();
  t.deepEqual(peers.encodeMessages(names), [peers.encode(names)]);
  t.true(peers.encode(names).length < maxUpdateBytes);
});

test("topology messages: what does not fit is cut between peers, within the limit, and every prefix is connected", (t) => {
  const peers = ring(200);
  const whole = peers.encode(peers.names()).length;
  for (const limit of [whole - 1, Math.floor(whole / 2), 2000, 700]) {
    const messages = peers.encodeMessages(peers.names(), limit);
    t.true(messages.length >= whole / limit);
    t.true(messages.every((message) => message.length <= limit));
    const told = new Set<PeerName>();
    const led = new Set<PeerName>([peers.ourself.name]);
    for (const { name, connections } of messages.flatMap((message) => decodeUpdate(message, "mac").peers)) {
      t.true(led.has(name), `${name} stands behind one that leads to it`);
      t.false(told.has(name));
      told.add(name);
      for (const connection of connections) led.add(connection.name);
    }
    t.deepEqual([...told].sort(), [...peers.names()].sort());
  }
});

test("topology messages: one who applies them in turn, collecting in between, ends with the whole", (t) => {
  const sender = ring(100);
  const { ourself, peers } = meshOf({ name: nameOf(1000) });
  const remote = peers.fetchWithDefault(sender.ourself);
  ourself.addConnection({ remote, remoteAddress: "", outbound: true, established: true });
  for (const message of sender.encodeMessages(sender.names(), 1500)) {
    peers.applyUpdate(message);
    peers.garbageCollect();
  }
  t.deepEqual([...peers.names()].sort(), [...sender.names(), ourself.name].sort());
  for (const peer of sender)
    t.deepEqual([...peers.get(peer.name)!.connections.keys()], [...peer.connections.keys()]);
});

test("topology messages: peers that cannot be reached come last, and only those asked for come at all", (t) => {
  const peers = ring(30);
  const far = nameOf(15);
  const some = [far, nameOf(3), nameOf(1), nameOf(2)];
  const order = peers.encodeMessages(some, 1).map((message) => decodeUpdate(message, "mac").peers[0]!.name);
  t.is(order[0], nameOf(1));
  t.deepEqual(order.toSorted(), some.toSorted(), "a peer that is too long has a message to itself");
});

test("topology messages: taken one by one they are the same, and what is known when each is taken counts", (t) => {
  const peers = ring(200);
  const take = (names: Iterable<PeerName>, taken: (rest: PeerName[]) => void): Uint8Array[] => {
    const messages: Uint8Array[] = [];
    for (let left = [...names]; left.length > 0; ) {
      const { message, rest } = peers.encodeFirst(left, 2000);
      messages.push(message);
      left = rest;
      taken(rest);
    }
    return messages;
  };
  t.deepEqual(
    take(peers.names(), () => {}),
    peers.encodeMessages(peers.names(), 2000),
  );
  let last: PeerName | undefined;
  const messages = take(peers.names(), (rest) => {
    if (rest.length === 0 || last !== undefined) return;
    last = rest.at(-1)!;
    peers.applyUpdate(encodeUpdate([description(last, [], { version: 2n, nickName: "newer" })]));
  });
  const told = messages.flatMap((message) => decodeUpdate(message, "mac").peers);
  t.is(told.find(({ name }) => name === last)?.nickName, "newer");
});
