import { defineScenario } from "../runner/index.ts";

const north = ["north-1", "north-2"];
const south = ["south-1", "south-2"];

export default defineScenario({
  title: "two halves whose packets to each other get lost part after 60 s, and meet again",
  transports: ["docker"],
  gate: false,
  withinMs: 240_000,
  mesh: () => ({
    password: "silence",
    peers: {
      "north-1": { side: "A", counters: ["counter"] },
      "north-2": { side: "B", counters: ["counter"], dials: ["north-1"] },
      "south-1": { side: "B", counters: ["counter"], dials: ["north-1"] },
      "south-2": { side: "A", counters: ["counter"], dials: ["north-1", "south-1"] },
    },
  }),
  async run(mesh) {
    await mesh.agree({ connections: "full", withinMs: 45_000 });
    await mesh.partition(north, south);
    for (const label of [...north, ...south]) await mesh.peer(label).control.increment("counter", 5);
    await mesh.agree({ among: north, withinMs: 100_000 });
    await mesh.agree({ among: south, withinMs: 45_000 });
    for (const half of [north, south]) await mesh.counted("counter", 10, 10_000, half);
    await mesh.partition();
    await mesh.agree({ connections: "full", withinMs: 100_000 });
    await mesh.counted("counter", 20, 45_000);
    await mesh.exchange("default", [...north, ...south], {
      kinds: ["unicast", "broadcast"],
      unlessReplaced: true,
    });
  },
});
