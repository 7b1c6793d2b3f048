import { defineScenario } from "../runner/index.ts";

export default defineScenario({
  title: "targets without a port use one's own, and two that name each other so keep their connection",
  mesh: () => ({
    peers: {
      one: { side: "A", dials: ["two"], withoutPort: true, discovery: false },
      two: { side: "B", dials: ["one"], withoutPort: true, discovery: false },
      three: { side: "A", dials: ["two"], withoutPort: true, discovery: false },
    },
  }),
  async run(mesh) {
    await mesh.agree({
      connections: [
        ["one", "two"],
        ["two", "three"],
      ],
      withinMs: 45_000,
    });
    const ended = await Promise.all(mesh.drivenPeers.map(async (p) => (await p.status()).TerminationCount));
    await mesh.exchange("default", ["one", "two", "three"], { kinds: ["unicast", "broadcast"] });
    // Their retries would have come by now, had they any.
    await mesh.rest(5_000);
    const later = await Promise.all(mesh.drivenPeers.map(async (p) => (await p.status()).TerminationCount));
    if (`${later}` !== `${ended}`) throw new Error(`terminations went from ${ended} to ${later}`);
    await mesh.agree({
      connections: [
        ["one", "two"],
        ["two", "three"],
      ],
    });
  },
});
