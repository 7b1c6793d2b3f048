import { setTimeout as sleep } from "node:timers/promises";
import { defineScenario } from "../runner/index.ts";

const each = 50;

export default defineScenario({
  title: "our increment-only-counter counts together with the original's",
  casts: [{ A: "go", B: "ts" }],
  transports: ["native"], // the example is no part of an image
  mesh: () => ({
    password: "",
    peers: {
      original: { program: "original-counter", counters: ["shared"] },
      ours: { program: "example-counter", counters: ["shared"], dials: ["original"] },
      watcher: { side: "A", counters: ["shared"], dials: ["ours"] },
    },
  }),
  async run(mesh) {
    await mesh.agree({ connections: "full" });
    const counters = [mesh.counter("original"), mesh.counter("ours")];
    for (let i = 0; i < each; i++) {
      for (const counter of counters) {
        await counter.increment();
        await sleep(22); // see counter-original.ts
      }
    }
    await mesh.until(`all show ${2 * each}`, 10_000, async () => {
      const counts = await Promise.all(counters.map((counter) => counter.count()));
      counts.push(await mesh.peer("watcher").control.count("shared"));
      return counts.every((count) => count === 2 * each) ? undefined : `they show ${counts}`;
    });
  },
});
