import { defineScenario } from "../runner/index.ts";

export default defineScenario({
  title: "a connection on which nobody says anything lives on heartbeats",
  gate: false,
  withinMs: 120_000,
  mesh: () => ({
    peers: { one: { side: "A", discovery: false, dials: ["two"] }, two: { side: "B", discovery: false } },
  }),
  async run(mesh) {
    await mesh.agree({ connections: "full" });
    await mesh.rest(66_000); // the deadline is 60 s
    for (const peer of mesh.drivenPeers) {
      const { TerminationCount } = await peer.status();
      if (TerminationCount !== 0) throw new Error(`${peer.label} has lost its connection`);
    }
    await mesh.exchange("default", ["one", "two"]);
  },
});
