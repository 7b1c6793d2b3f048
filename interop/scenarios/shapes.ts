import { defineScenario, type PeerSpec } from "../runner/index.ts";

type Pairs = readonly (readonly [number, number])[];

const count = 6;
/** Twice two ways of the same length, so that the broadcast trees depend on the order of names. */
const diamonds: Pairs = [
  ...([
    [0, 1],
    [0, 2],
    [1, 3],
    [2, 3],
  ] as const),
  ...([
    [3, 4],
    [3, 5],
    [1, 4],
    [2, 5],
  ] as const),
];
const label = (i: number) => `peer-${i}`;
const labels = Array.from({ length: count }, (_, i) => label(i));
const clique = (members: readonly number[]): Pairs =>
  members.flatMap((a, i) => members.slice(i + 1).map((b) => [a, b] as const));

const shapes: Record<string, Pairs> = {
  ring: labels.map((_, i) => [i, (i + 1) % count] as const),
  star: labels.slice(1).map((_, i) => [0, i + 1] as const),
  line: labels.slice(1).map((_, i) => [i, i + 1] as const),
  diamonds,
  bridge: [...clique([0, 1, 2]), ...clique([3, 4, 5]), [2, 3]],
};

// The sides take turns; the first of each pair dials.
export default defineScenario<Pairs>({
  title: "six peers in a fixed shape agree, and each message comes to everybody once",
  variants: shapes,
  mesh: (pairs) => ({
    peers: Object.fromEntries(
      labels.map((name, i): [string, PeerSpec] => [
        name,
        {
          side: i % 2 === 0 ? "A" : "B",
          discovery: false,
          counters: ["counter"],
          dials: pairs.filter(([from]) => from === i).map(([, to]) => label(to)),
        },
      ]),
    ),
  }),
  async run(mesh, pairs) {
    const connections = pairs.map(([a, b]) => [label(a), label(b)] as const);
    await mesh.agree({ connections, withinMs: 45_000 });
    await mesh.exchange("default", labels, { kinds: ["unicast", "broadcast"] });
    await Promise.all(mesh.drivenPeers.map((peer) => peer.control.increment("counter", 10)));
    await mesh.counted("counter", count * 10);
  },
});
