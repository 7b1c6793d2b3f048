import { defineScenario } from "../runner/index.ts";

const all = ["one", "two", "three", "four"];

export default defineScenario<boolean>({
  title: "a killed peer comes back, with its own name or with another on its address",
  withinMs: 120_000,
  variants: { "same-name": false, "other-name": true },
  mesh: () => ({
    peers: {
      one: { side: "A" },
      two: { side: "B", dials: ["one"] },
      three: { side: "A", dials: ["one"] },
      four: { side: "B", dials: ["one"] },
      heir: { side: "B", dials: ["one"], sameAddressAs: "four", later: true },
    },
  }),
  async run(mesh, anotherName) {
    await mesh.agree({ connections: "full", withinMs: 45_000 });
    // Once after the others have noticed, once before.
    for (const wait of [true, false]) {
      const [last, next] = anotherName && !wait ? ["heir", "four"] : ["four", anotherName ? "heir" : "four"];
      await mesh.peer(last).kill();
      if (wait) await mesh.agree({ connections: "full", withinMs: 45_000 });
      await mesh.peer(next).start();
      await mesh.agree({ connections: "full", withinMs: 60_000 });
      await mesh.exchange("default", [...all.slice(0, 3), next], { kinds: ["unicast", "broadcast"] });
    }
  },
});
