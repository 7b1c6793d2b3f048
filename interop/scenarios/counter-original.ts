import { setTimeout as sleep } from "node:timers/promises";
import { defineScenario } from "../runner/index.ts";

const driven = ["one", "two", "three", "four", "five", "six"];
const total = 600;
/** The original's example races with itself when updates come faster than 50 a second. */
const pauseMs = 22;

export default defineScenario({
  title: "the original's own example and six counters all show the 600 increments spread over them",
  casts: [{ A: "go", B: "ts" }],
  mesh: () => ({
    password: "", // what the original's example seals with
    peers: {
      original: { program: "original-counter", counters: ["counter"] },
      ...Object.fromEntries(
        driven.map((label, i) => [
          label,
          { side: i % 2 === 0 ? "A" : "B", counters: ["counter"], dials: ["original"] },
        ]),
      ),
    },
  }),
  async run(mesh) {
    await mesh.agree({ connections: "full", withinMs: 20_000 });
    const increments = [
      () => mesh.counter("original").increment(),
      ...mesh.drivenPeers.map((peer) => () => peer.control.increment("counter", 1)),
    ];
    for (let i = 0; i < total; i++) {
      await increments[i % increments.length]!();
      await sleep(pauseMs); // a rate, not a wait
    }
    await mesh.until(`every counter shows ${total}`, 10_000, async () => {
      const original = await mesh.counter("original").count();
      if (original !== total) return `original shows ${original}`;
      for (const peer of mesh.drivenPeers) {
        const count = await peer.control.count("counter");
        if (count !== total) return `${peer.label} shows ${count}`;
      }
      return undefined;
    });
  },
});
