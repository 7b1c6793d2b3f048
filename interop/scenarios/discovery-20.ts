import { defineScenario, type PeerSpec } from "../runner/index.ts";

const labels = Array.from({ length: 20 }, (_, i) => `peer-${i + 1}`);

// A chain: each is told of one other, and the sides take turns.
const peers = labels.map((label, i): [string, PeerSpec] => [
  label,
  { side: i % 2 === 0 ? "A" : "B", dials: i === 0 ? [] : [labels[i - 1]!], counters: ["counter"] },
]);

export default defineScenario({
  title: "twenty peers, each told of one other, become a full mesh",
  withinMs: 180_000,
  mesh: () => ({ peers: Object.fromEntries(peers) }),
  async run(mesh) {
    await mesh.agree({ connections: "full", withinMs: 120_000 });
    await mesh.exchange("default", labels, { kinds: ["broadcast"], withinMs: 20_000 });
    await Promise.all(mesh.drivenPeers.map((peer) => peer.control.increment("counter", 5)));
    await mesh.counted("counter", 100, 45_000);
  },
});
