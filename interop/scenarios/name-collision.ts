import { defineScenario } from "../runner/index.ts";

export default defineScenario({
  title: "a peer with the name of another is refused, and is not tried again until it is named anew",
  mesh: () => ({
    peers: {
      one: { side: "A", dials: [] },
      twin: { side: "B", sameNameAs: "one", dials: ["one"] },
      two: { side: "B", dials: ["one"] },
    },
  }),
  async run(mesh) {
    const twin = mesh.peer("twin");
    await twin.logged(/local .* and remote .* peer names collision/i);
    await mesh.peer("one").logged(/connection shutting down due to error: /);
    await mesh.agree({ among: ["one", "two"], connections: [["one", "two"]] });
    await mesh.until("the twin has given up", 10_000, async () => {
      const { Connections } = await twin.status();
      const states = (Connections ?? []).map(({ State, Info }) => `${State} ${Info}`);
      return states.length === 1 && /^failed .*collision.*never/.test(states[0]!) ? undefined : `${states}`;
    });
    const refused = () => twin.timesLogged("peer names collision");
    const before = refused();
    await twin.control.connect([mesh.addressOf("one")]);
    await mesh.until("it tries again when told", 10_000, () => (refused() > before ? undefined : "not yet"));
    await mesh.agree({ among: ["one", "two"], connections: [["one", "two"]] });
  },
});
