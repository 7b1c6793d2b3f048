import { defineScenario } from "../runner/index.ts";

const labels = ["one", "two", "three", "four", "five", "six"];

export default defineScenario({
  title: "six counters, three of each language, all show the 600 increments spread over them",
  mesh: () => ({
    peers: Object.fromEntries(
      labels.map((label, i) => [
        label,
        { side: i % 2 === 0 ? "A" : "B", counters: ["counter"], dials: i === 0 ? [] : ["one"] },
      ]),
    ),
  }),
  async run(mesh) {
    await mesh.agree({ connections: "full", withinMs: 20_000 });
    await Promise.all(
      mesh.drivenPeers.map(async (peer) => {
        for (let batch = 0; batch < 20; batch++) await peer.control.increment("counter", 5);
      }),
    );
    await mesh.until("every counter shows 600", 10_000, async () => {
      for (const peer of mesh.drivenPeers) {
        const count = await peer.control.count("counter");
        if (count !== 600) return `${peer.label} shows ${count}`;
      }
      return undefined;
    });
  },
});
