import { defineScenario } from "../runner/index.ts";

const north = ["north-1", "north-2", "north-3"];
const south = ["south-1", "south-2", "south-3"];
const cliques = [north, south].flatMap(([one, two, three]) => [
  [one!, two!] as const,
  [one!, three!] as const,
  [two!, three!] as const,
]);
const links = [
  ["north-1", "south-1"],
  ["north-2", "south-2"],
] as const;

// Without discovery the two cliques have only those two links between them that go through proxies.
export default defineScenario({
  title: "two halves that were apart and changed meanwhile become one mesh again",
  withinMs: 150_000,
  mesh: () => ({
    password: "partition",
    proxies: { "to-north-1": "north-1", "to-south-2": "south-2" },
    peers: {
      "north-1": { side: "A", discovery: false, counters: ["counter"] },
      "north-2": { side: "B", discovery: false, counters: ["counter"], dials: ["north-1", "to-south-2"] },
      "north-3": {
        side: "A",
        discovery: false,
        counters: ["counter"],
        dials: ["north-1", "north-2"],
        later: true,
      },
      "south-1": { side: "B", discovery: false, counters: ["counter"], dials: ["to-north-1"] },
      "south-2": { side: "A", discovery: false, counters: ["counter"], dials: ["south-1"] },
      "south-3": { side: "B", discovery: false, counters: ["counter"], dials: ["south-1", "south-2"] },
    },
  }),
  async run(mesh) {
    const count = async (label: string, times: number) => {
      await mesh.peer(label).control.increment("counter", times);
    };
    await mesh.agree({ withinMs: 45_000 });
    for (const peer of mesh.drivenPeers.filter(({ running }) => running)) await count(peer.label, 3);
    await mesh.counted("counter", 15);

    for (const proxy of mesh.proxies) proxy.cut();
    await mesh.agree({ among: ["north-1", "north-2"], withinMs: 45_000 });
    await mesh.agree({ among: south, withinMs: 45_000 });
    // One half gains a peer, in the other one restarts and thereby counts anew; both go on counting.
    await mesh.peer("north-3").start();
    await mesh.peer("south-3").kill();
    await mesh.agree({ among: ["south-1", "south-2"], withinMs: 45_000 });
    await mesh.peer("south-3").start();
    await mesh.agree({ among: north, withinMs: 45_000 });
    await mesh.agree({ among: south, withinMs: 45_000 });
    await mesh.counted("counter", 15, 45_000);
    for (const label of [...north, "south-1", "south-2"]) await count(label, 2);
    await mesh.counted("counter", 21, 45_000, north);
    await mesh.counted("counter", 19, 45_000, south);

    for (const proxy of mesh.proxies) proxy.heal();
    // Both links, or a broadcast goes out while the second one comes, and arrives over either.
    await mesh.agree({ connections: [...cliques, ...links], withinMs: 60_000 });
    await mesh.counted("counter", 25, 45_000);
    await mesh.exchange("default", [...north, ...south], { kinds: ["unicast", "broadcast"] });
  },
});
