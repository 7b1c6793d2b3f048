import test from "ava";
import { type Flavour, PeerName } from "../../src/peer-name.ts";
import {
  encodeUpdate,
  LocalPeer,
  type PeerDescription,
  Peers,
  type TopologyLimits,
  topologyLimits,
  updateFromJson,
  updateToJson,
  updateTypes,
} from "../../src/topology/index.ts";
import { seededRandom } from "../../src/transport/index.ts";
import { assertGrowth } from "../cost/growth.ts";
import { description, nameOf } from "./fixtures.ts";

const range = (count: number, from = 100): PeerName[] =>
  Array.from({ length: count }, (_, i) => nameOf(from + i));

function fresh(flavour: Flavour = "mac", limits?: TopologyLimits): Peers {
  const name = flavour === "mac" ? nameOf(1) : PeerName.parse("01", "hash");
  const ourself = new LocalPeer({ name, nickName: "us", uid: 77n, shortId: 1 });
  const hashRandom = seededRandom("the same collisions in each run");
  return new Peers(ourself, { random: seededRandom("cost"), hashRandom, flavour, limits });
}

/** Updates of size n, each of which once took the square of it or could. */
const updates: Record<string, (n: number) => PeerDescription[]> = {
  "n peers in a ring": (n) => ring(n),
  "n peers, each with a lower name, that share one short ID": (n) =>
    range(n)
      .reverse()
      .map((name) => description(name, [], { shortId: 7, hasShortId: true })),
  "one far end n times": (n) => [description(nameOf(2), new Array<PeerName>(n).fill(nameOf(3)))],
  "one peer n times, each newer and with another short ID": (n) =>
    Array.from({ length: n }, (_, i) =>
      description(nameOf(2), [nameOf(3)], { version: BigInt(i + 1), shortId: i % 3, hasShortId: true }),
    ),
  "names of all lengths": (n) => [
    description(
      nameOf(2),
      range(n).map((name) => name.slice(0, 11) as PeerName),
    ),
  ],
};

function ring(n: number): PeerDescription[] {
  const names = range(n);
  return names.map((name, i) => description(name, [names[(i + 1) % n]!, names[(i + n - 1) % n]!]));
}

for (const [name, update] of Object.entries(updates)) {
  test.serial(
    `topology update: the work of applying and collecting ${name} is of order n log n`,
    async (t) => {
      await assertGrowth(t, {
        name,
        prepare: (n) => ({ bytes: encodeUpdate(update(n)), peers: fresh() }),
        run: ({ bytes, peers }) => {
          peers.applyUpdate(bytes);
          peers.applyUpdate(bytes);
          peers.garbageCollect();
        },
      });
    },
  );
}

test.serial(
  "topology update: the work of refusing what is beyond the limits is of order n log n",
  async (t) => {
    await assertGrowth(t, {
      name: "refused",
      prepare: (n) => {
        const half = { ...topologyLimits, peers: n / 2 };
        const clique = range(10).map((name, i) => description(name, range(n / 5, 1000 + (i * n) / 10)));
        return { bytes: encodeUpdate([...clique, ...ring(n)]), peers: fresh("mac", half) };
      },
      run: ({ bytes, peers }) => {
        peers.applyUpdate(bytes);
        peers.applyUpdate(bytes);
      },
    });
  },
);

test.serial("topology update: names that collide under FNV-1a cost what others cost", async (t) => {
  const halves = [collidingHalves(0x811c9dc5), collidingHalves(target)];
  const colliding = (n: number): PeerName[] => {
    const [first, second] = halves as [Uint8Array[], Uint8Array[]];
    const side = Math.ceil(Math.sqrt(n));
    t.true(first.length >= side && second.length >= side, `${first.length} and ${second.length} of ${side}`);
    return Array.from({ length: n }, (_, i) => {
      const name = [...first[i % side]!, ...second[Math.floor(i / side)]!];
      return PeerName.fromBytes(Uint8Array.from(name), "hash");
    });
  };
  await assertGrowth(t, {
    name: "colliding names",
    prepare: (n) => ({
      bytes: encodeUpdate([description(PeerName.parse("02".repeat(16), "hash"), colliding(n))]),
      peers: fresh("hash"),
    }),
    run: ({ bytes, peers }) => peers.applyUpdate(bytes),
  });
});

const prime = 0x01000193;
const inverse = 0x359c449b;
/** The state that FNV-1a has after each of the halves. */
const target = 0x1234567;

/** Groups of 8 bytes that take FNV-1a from one state to `target`: it is met from both ends, 4 bytes each. */
function collidingHalves(from: number): Uint8Array[] {
  const bytesOf = (i: number): number[] => [i & 255, (i >> 8) & 255, i >> 16, 7];
  const forward = new Map<number, number>();
  for (let i = 0; i < 1 << 18; i++) {
    let state = from;
    for (let shift = 0; shift < 24; shift += 8) state = Math.imul(state ^ ((i >> shift) & 255), prime);
    forward.set(Math.imul(state ^ 7, prime), i);
  }
  const found: Uint8Array[] = [];
  for (let i = 0; i < 1 << 22; i++) {
    let state = Math.imul(target, inverse) ^ 7;
    for (let shift = 16; shift >= 0; shift -= 8) state = Math.imul(state, inverse) ^ ((i >> shift) & 255);
    const first = forward.get(state | 0);
    if (first !== undefined) found.push(Uint8Array.from([...bytesOf(first), ...bytesOf(i)]));
  }
  return found;
}

test.serial("topology update: the work of reading many senders' type ids is of order n log n", async (t) => {
  await assertGrowth(t, {
    name: "type ids",
    prepare: (n) => {
      const updates = Array.from({ length: n / 100 }, (_, i) => {
        const types = updateTypes({ peer: 70 + i * 3, connection: 71 + i * 3, connections: 72 + i * 3 });
        return encodeUpdate([description(nameOf(2), range(20))], types);
      });
      return { updates, peers: fresh() };
    },
    run: ({ updates, peers }) => {
      for (const update of updates) peers.applyUpdate(update);
    },
  });
});

test.serial("topology update: the work of its JSON is of order n log n", async (t) => {
  await assertGrowth(t, {
    name: "JSON",
    prepare: (n) => ({ peers: [...ring(n), description(nameOf(2), range(n))], types: updateTypes() }),
    run: (update) => updateFromJson(updateToJson(update)),
  });
});
