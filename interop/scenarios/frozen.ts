import { defineScenario } from "../runner/index.ts";

const all = ["one", "two", "three", "frozen"];

export default defineScenario({
  title: "a peer that is frozen for longer than its deadline is dropped, and found again when it goes on",
  gate: false,
  withinMs: 240_000,
  mesh: () => ({
    password: "ice",
    peers: {
      one: { side: "A" },
      two: { side: "B", dials: ["one"] },
      three: { side: "A", dials: ["one"] },
      frozen: { side: "B", dials: ["one"] },
    },
  }),
  async run(mesh) {
    await mesh.agree({ connections: "full", withinMs: 45_000 });
    const ended = new Map<string, number>();
    for (const label of ["one", "two", "three"]) {
      ended.set(label, (await mesh.peer(label).status()).TerminationCount);
    }
    mesh.peer("frozen").pause();
    const awake = ["one", "two", "three"];
    await mesh.agree({
      among: awake,
      connections: [
        ["one", "two"],
        ["one", "three"],
        ["two", "three"],
      ],
      withinMs: 100_000,
    });
    for (const label of awake) {
      await mesh.peer(label).logged(/connection shutting down due to error: read tcp .*i\/o timeout/);
      // Only the connection to the frozen one has ended; the failed dials meanwhile are no terminations.
      const { TerminationCount } = await mesh.peer(label).status();
      const more = TerminationCount - ended.get(label)!;
      if (more < 1) throw new Error(`${label} counts ${more} terminations`);
    }
    await mesh.exchange("default", awake);
    mesh.peer("frozen").resume();
    await mesh.agree({ connections: "full", withinMs: 90_000 });
    await mesh.exchange("default", all, { kinds: ["unicast", "broadcast"] });
  },
});
