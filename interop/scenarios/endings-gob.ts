import { defineScenario } from "../runner/index.ts";
import { runRows } from "./endings/compare.ts";
import type { Row } from "./endings/row.ts";
import { gobRows } from "./endings/rows-gob.ts";

export default defineScenario<readonly Row[]>({
  title: "a Go and a TypeScript peer say the same of wrong and of malformed gob, wherever it stands",
  casts: [{ A: "go", B: "ts" }],
  generations: ["2019"],
  variants: gobRows,
  withinMs: 120_000,
  transports: ["native"], // it dials from addresses of its own
  mesh: () => ({
    peers: {
      go: { side: "A", discovery: false, uid: 101n, counters: ["counter"] },
      ts: { side: "B", discovery: false, uid: 202n, counters: ["counter"], dials: ["go"] },
    },
  }),
  run: (mesh, rows) => runRows(mesh, rows),
});
