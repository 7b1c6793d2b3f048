import { defineScenario, type PeerSpec } from "../runner/index.ts";

const labels = Array.from({ length: 8 }, (_, i) => `peer-${i + 1}`);

// All are of side A at first; each is told of two others, so that any one may be away.
const peers = labels.map((label, i): [string, PeerSpec] => [
  label,
  {
    side: "A",
    counters: ["counter"],
    dials: i === 0 ? [labels[1]!] : [labels[0]!, labels[1]!].filter((other) => other !== label),
  },
]);

export default defineScenario({
  title: "every peer of a mesh of 8 is replaced by one of the other language and back, and no count is lost",
  withinMs: 420_000,
  mesh: () => ({ peers: Object.fromEntries(peers) }),
  async run(mesh) {
    await mesh.agree({ connections: "full", withinMs: 60_000 });
    let total = 0;
    const { A, B } = mesh.cell.cast;
    const back = mesh.cell.thorough ? [B, A] : [B];
    for (const language of back) {
      for (const label of labels) {
        await Promise.all(
          labels.map(async (each) => {
            await mesh.peer(each).control.increment("counter", 5);
          }),
        );
        total += 5 * labels.length;
        // Drained: everything that it has counted is known to those who stay.
        await mesh.counted("counter", total, 45_000);
        const peer = mesh.peer(label);
        await peer.stop();
        peer.recast(language);
        await peer.start();
        await mesh.agree({ connections: "full", withinMs: 60_000 });
        // It has its own count back before it counts on.
        await mesh.counted("counter", total, 60_000);
      }
    }
    await mesh.exchange("default", labels, { kinds: ["unicast", "broadcast"] });
  },
});
