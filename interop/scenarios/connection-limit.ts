import { defineScenario } from "../runner/index.ts";

export default defineScenario({
  title: "a peer at its connection limit refuses a further one, and takes it when there is room",
  withinMs: 90_000,
  mesh: () => ({
    peers: {
      full: { side: "A", connectionLimit: 2, discovery: false },
      one: { side: "B", discovery: false, dials: ["full"] },
      two: { side: "A", discovery: false, dials: ["full"] },
      third: { side: "B", discovery: false, dials: ["full"], later: true },
    },
  }),
  async run(mesh) {
    await mesh.agree({
      connections: [
        ["full", "one"],
        ["full", "two"],
      ],
    });
    await mesh.peer("third").start();
    await mesh.peer("full").logged(/connection shutting down due to error: Connection limit reached \(2\)/);
    // The one that was refused is known until the next collection, as it is to the original.
    const { Connections } = await mesh.peer("full").status();
    const established = (Connections ?? []).filter(({ State }) => State === "established");
    if (established.length !== 2) throw new Error(`it has ${established.length} connections`);
    await mesh.peer("two").kill();
    await mesh.agree({
      connections: [
        ["full", "one"],
        ["full", "third"],
      ],
      withinMs: 60_000,
    });
    await mesh.exchange("default", ["full", "one", "third"], { kinds: ["unicast", "broadcast"] });
  },
});
