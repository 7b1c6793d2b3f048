import { defineScenario } from "../runner/index.ts";

export default defineScenario({
  title: "messages cross the middle of a line both ways, also on a channel that it never registered",
  mesh: () => ({
    password: "line",
    peers: {
      left: { side: "A", discovery: false, dials: ["middle"], channels: ["known", "unknown"] },
      middle: { side: "B", discovery: false, channels: ["known"] },
      right: { side: "A", discovery: false, dials: ["middle"], channels: ["known", "unknown"] },
    },
  }),
  async run(mesh) {
    const line = [["left", "middle"] as const, ["middle", "right"] as const];
    await mesh.agree({ connections: line });
    await mesh.exchange("known", ["left", "middle", "right"]);
    await mesh.exchange("unknown", ["left", "right"]);
    await mesh.peer("middle").logged(/\[gossip unknown\]: created surrogate channel$/m);
    await mesh.agree({ connections: line });
  },
});
