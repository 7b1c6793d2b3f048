import { defineScenario, type PeerSpec } from "../runner/index.ts";

// The ends are of side A. Of several relays those of side B take turns with those of side A.
export default defineScenario<number>({
  title: "messages cross a line of relays both ways, unchanged and once",
  variants: { "1-hop": 1, "2-hops": 2, "5-hops": 5 },
  mesh: (relays) => {
    const peers: Record<string, PeerSpec> = { left: { side: "A", discovery: false } };
    const line = lineOf(relays);
    for (const [i, label] of line.slice(1).entries()) {
      const side = label !== "right" && i % 2 === 0 ? "B" : "A";
      peers[label] = { side, discovery: false, dials: [line[i]!] };
    }
    return { password: "relay", peers };
  },
  async run(mesh, relays) {
    const line = lineOf(relays);
    const connections = line.slice(1).map((label, i) => [line[i]!, label] as const);
    await mesh.agree({ connections, withinMs: 45_000 });
    await mesh.exchange("default", line);
    await mesh.exchange("default", ["left", "right"], { extraBytes: 300_000 });
  },
});

function lineOf(relays: number): string[] {
  return ["left", ...Array.from({ length: relays }, (_, i) => `relay-${i + 1}`), "right"];
}
