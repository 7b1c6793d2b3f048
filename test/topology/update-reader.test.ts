import { isDeepStrictEqual } from "node:util";
import test from "ava";
import { type Flavour, PeerName } from "../../src/peer-name.ts";
import {
  decodeUpdate,
  encodeUpdate,
  Peer,
  type PeerDescription,
  TopologyError,
  updateTypes,
} from "../../src/topology/index.ts";
import { UpdateReader } from "../../src/topology/update-reader.ts";
import { UpdateScanner } from "../../src/topology/update-scan.ts";
import { connect, description, meshOf, nameOf, readFixture } from "./fixtures.ts";

const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The updates that Go wrote, and damaged ones among them. */
function goUpdates(flavour: Flavour): { update: Uint8Array; damaged: boolean }[] {
  const { sequences } = readFixture<{ sequences: { steps: { update?: string; damaged?: boolean }[] }[] }>(
    `updates-${flavour}.json.gz`,
  );
  const steps = sequences.flatMap((sequence) => sequence.steps).filter((step) => step.update !== undefined);
  return steps.map(({ update, damaged }) => ({ update: unhex(update!), damaged: damaged ?? false }));
}

/** All that an update says, by the reader. */
function readAll(reader: UpdateReader, update: Uint8Array): unknown {
  const peers = new Map<PeerName, Peer>();
  const find = (name: PeerName): Peer => {
    if (!peers.has(name)) peers.set(name, new Peer({ name }));
    return peers.get(name)!;
  };
  const read = reader.read(update);
  const names = new Set([...read.peers.map(({ name }) => name), ...read.names()]);
  return [
    [...names].sort(),
    ...read.peers.map(({ name, nickName, uid, version, shortId, hasShortId }, index) => [
      { name, nickName, uid, version, shortId, hasShortId },
      ...Array.from(read.connections(index, find), ([name, { remote, ...rest }]) => ({
        name,
        is: remote === find(name),
        ...rest,
      })),
    ]),
  ];
}

/** The same by the plain decoder, for which the description of a connection stands for its record. */
function decodeAll(update: Uint8Array, flavour: Flavour): unknown {
  const { peers } = decodeUpdate(update, flavour);
  const names = new Set(
    peers.flatMap(({ name, connections }) => [name, ...connections.map((far) => far.name)]),
  );
  return [
    [...names].sort(),
    ...peers.map(({ name, nickName, uid, version, shortId, hasShortId, connections }) => {
      const byName = new Map(
        connections.map(({ nameBytes: _bytes, name, ...rest }) => [name, { name, is: true, ...rest }]),
      );
      return [{ name, nickName, uid, version, shortId, hasShortId }, ...byName.values()];
    }),
  ];
}

for (const flavour of ["mac", "hash"] as const) {
  test(`update reader, ${flavour}: what the scanner reads is what the plain way reads`, (t) => {
    const reader = new UpdateReader(flavour);
    const attempt = (read: () => unknown): unknown => {
      try {
        return read();
      } catch (error) {
        if (error instanceof TopologyError) return error.code;
        throw error;
      }
    };
    let compared = 0;
    for (const { update } of goUpdates(flavour).filter((_, i) => i % 8 === 0)) {
      compared++;
      const plain = attempt(() => decodeAll(update, flavour));
      const ours = attempt(() => readAll(reader, update));
      // Much quicker than an assertion, which is for showing the difference.
      if (!isDeepStrictEqual(ours, plain)) t.deepEqual(ours, plain);
    }
    t.true(compared > 250);
  });

  test(`update reader, ${flavour}: the scanner takes what Go writes, but for odd names and names twice in a list`, (t) => {
    const scanner = new UpdateScanner(flavour);
    let scanned = 0;
    for (const { update, damaged } of goUpdates(flavour).filter((_, i) => i % 8 === 1)) {
      if (damaged || update.length === 0) continue;
      const { peers, types } = decodeUpdate(update, flavour);
      if (!scanner.knows(update)) scanner.learn(types);
      t.is(scanner.scan(update) !== undefined, peers.every(isUsual));
      if (peers.every(isUsual)) scanned++;
    }
    t.true(scanned > 50);
  });
}

function isUsual({ connections, ...peer }: PeerDescription): boolean {
  const width = PeerName.flavourOf(peer.name) === "mac" ? 17 : 32;
  const names = connections.map(({ name }) => name);
  return (
    [peer, ...connections].every(({ name, nameBytes }) => name.length === width && nameBytes === undefined) &&
    new Set(names).size === names.length
  );
}

test("update reader: it learns the type ids of several senders", (t) => {
  const scanner = new UpdateScanner("mac");
  const updates = [66, 70, 80].map((id) =>
    encodeUpdate(
      [description(nameOf(2), [nameOf(3)])],
      updateTypes({ peer: id, connection: id + 1, connections: id + 2 }),
    ),
  );
  for (const update of updates) {
    t.is(scanner.scan(update), undefined);
    scanner.learn(decodeUpdate(update, "mac").types);
  }
  for (const update of updates) t.is(scanner.scan(update)?.peers.length, 1);
});

test("update reader: a name that stands twice in a list counts once, as the last one says", (t) => {
  const { peers } = meshOf();
  const peer = description(nameOf(2), [3, 4, 3].map(nameOf));
  peer.connections[2]!.outbound = true;
  for (const version of [1n, 2n]) {
    peers.applyUpdate(encodeUpdate([{ ...peer, version }]));
    const { connections } = peers.get(nameOf(2))!;
    t.is(connections.size, 2);
    t.true(connections.get(nameOf(3))!.outbound);
  }
});

test("gossiped connections: what the list says is found by name and in its order", (t) => {
  const { peers } = meshOf();
  const peer = description(nameOf(2), [3, 4, 5, 6].map(nameOf));
  const links = peer.connections;
  Object.assign(links[0]!, { remoteAddress: "", established: false });
  Object.assign(links[1]!, { remoteAddress: "[fd00::1]:6783", outbound: true });
  Object.assign(links[2]!, { remoteAddress: "\udcff", outbound: true, established: false });
  for (const version of [1n, 2n]) {
    peers.applyUpdate(encodeUpdate([{ ...peer, version }]));
    const { connections } = peers.get(nameOf(2))!;
    t.is(connections.size, 4);
    t.deepEqual([...connections.keys()], [3, 4, 5, 6].map(nameOf));
    const found = Array.from(connections, ([name, { remote: _remote, ...rest }]) => ({ name, ...rest }));
    t.deepEqual(found, links);
    for (const { name, ...rest } of links) t.like(connections.get(name), rest);
    t.is(connections.get(nameOf(9)), undefined);
    t.true(connections.has(nameOf(6)));
    t.false(connections.has(nameOf(9)));
    const each: unknown[] = [];
    for (const [name, record] of connections.entries()) each.push([name, record.remote]);
    t.deepEqual(
      each,
      links.map(({ name }) => [name, peers.get(name)]),
    );
  }
});

test("gossiped connections: an update is sent on with the bytes it came in, whoever's list stands first", (t) => {
  const { ourself, peers } = meshOf();
  connect(peers, nameOf(2));
  const told = [2, 3, 4].map((number) =>
    description(
      nameOf(number),
      [1, 2, 3, 4].map(nameOf).filter((name) => name !== nameOf(number)),
    ),
  );
  // The second time the scanner knows the sender's type ids.
  peers.applyUpdate(encodeUpdate(told));
  peers.applyUpdate(encodeUpdate(told.map((peer) => ({ ...peer, version: 2n }))));
  const everything = (names: PeerName[]) => decodeUpdate(peers.encode(names), "mac").peers;
  const [two, three, four] = told.map((peer) => ({ ...peer, version: 2n }));
  const us = everything([ourself.name])[0]!;
  t.is(us.connections.length, 1);
  for (const [names, expected] of [
    [
      [ourself.name, nameOf(2), nameOf(3)],
      [us, two, three],
    ],
    [
      [nameOf(2), ourself.name, nameOf(3), ourself.name],
      [two, us, three, us],
    ],
    [
      [nameOf(4), nameOf(2)],
      [four, two],
    ],
  ] as const) {
    const bytes = peers.encode(names);
    t.deepEqual(decodeUpdate(bytes, "mac").peers, [...expected]);
    t.is(hex(bytes), hex(encodeUpdate([...expected] as typeof told)), "as if all had been encoded");
  }
});

test("gossiped connections: a far end is named as it introduced itself, even if the list names it otherwise", (t) => {
  const { peers } = meshOf();
  const odd = description(nameOf(3), [], { nameBytes: Uint8Array.of(3) });
  peers.applyUpdate(encodeUpdate([odd]));
  for (const version of [1n, 2n]) {
    peers.applyUpdate(encodeUpdate([description(nameOf(2), [nameOf(3)], { version })]));
    const [sent] = decodeUpdate(peers.encode([nameOf(2)]), "mac").peers;
    t.deepEqual(sent!.connections[0]!.nameBytes, Uint8Array.of(3));
  }
});

test("gossiped connections: lists of more than 127 are counted rightly", (t) => {
  const { peers } = meshOf();
  for (const size of [127, 128, 300, 66_000]) {
    const far = Array.from({ length: size }, (_, i) => PeerName.fromUint(1000 + i));
    for (const version of [1n, 2n]) {
      const bytes = encodeUpdate([description(PeerName.fromUint(size), far, { version })]);
      peers.applyUpdate(bytes);
      t.true(Buffer.from(peers.encode([PeerName.fromUint(size)])).equals(bytes), `${size}`);
    }
  }
});

test("gossiped connections: what was taken from an update stays as it is when others are read", (t) => {
  const { peers } = meshOf();
  const mixed = description(nameOf(2), [3, 4, 5].map(nameOf));
  mixed.connections[1]!.established = false;
  const bytes = encodeUpdate([mixed, description(nameOf(3), [2, 4].map(nameOf))]);
  const copy = bytes.slice();
  for (let round = 0; round < 2; round++) {
    peers.applyUpdate(copy);
    copy.fill(0);
    for (const version of [2n, 3n]) {
      const names = Array.from({ length: 40 }, (_, i) => nameOf(50 + i));
      peers.applyUpdate(encodeUpdate([description(nameOf(9), names, { version })]));
    }
    t.true(Buffer.from(peers.encode([2, 3].map(nameOf))).equals(bytes));
    const established = [...peers.get(nameOf(2))!.connections.values()].map((each) => each.established);
    t.deepEqual(established, [true, false, true]);
    copy.set(bytes);
  }
});
