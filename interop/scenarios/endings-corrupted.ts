import { defineScenario } from "../runner/index.ts";
import { runRows } from "./endings/compare.ts";
import { corruptedFeatures, corruptedUpdates } from "./endings/rows-corrupted.ts";

type Corruption = typeof corruptedFeatures;

export default defineScenario<Corruption>({
  title: "a Go and a TypeScript peer both take or both refuse gob of which bytes were changed",
  casts: [{ A: "go", B: "ts" }],
  generations: ["2019"],
  transports: ["native"], // it dials from addresses of its own
  variants: { updates: corruptedUpdates, features: corruptedFeatures },
  withinMs: 120_000,
  mesh: () => ({
    peers: {
      go: { side: "A", discovery: false, uid: 101n },
      ts: { side: "B", discovery: false, uid: 202n, dials: ["go"] },
    },
  }),
  run: (mesh, corruption) => runRows(mesh, corruption(mesh.random, mesh.cell.flavour, 60)),
});
