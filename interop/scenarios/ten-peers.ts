import { defineScenario, type PeerSpec } from "../runner/index.ts";

const labels = Array.from({ length: 10 }, (_, i) => `peer-${i + 1}`);

// One seed that all others dial; the peers of the two sides take turns.
const peers = labels.map((label, i): [string, PeerSpec] => [
  label,
  { side: i % 2 === 0 ? "A" : "B", dials: i === 0 ? [] : [labels[0]!] },
]);

export default defineScenario({
  title: "ten peers find each other, and again after each in turn is killed and restarted",
  withinMs: 300_000,
  mesh: () => ({ peers: Object.fromEntries(peers) }),
  async run(mesh) {
    await mesh.agree({ connections: "full", withinMs: 60_000 });
    await mesh.exchange("default", labels, { kinds: ["unicast", "broadcast"] });
    for (const label of mesh.random.shuffle(labels)) {
      await mesh.peer(label).kill();
      // Now and then it comes back before the others have noticed.
      if (mesh.random.int(2) === 0) await mesh.agree({ connections: "full", withinMs: 60_000 });
      await mesh.peer(label).start();
      await mesh.agree({ connections: "full", withinMs: 60_000 });
    }
    await mesh.exchange("default", labels, { kinds: ["unicast", "broadcast"] });
  },
});
