import { defineScenario } from "../runner/index.ts";
import { runRows } from "./endings/compare.ts";
import type { Row } from "./endings/row.ts";
import { silentHandshakeRows } from "./endings/rows-handshake.ts";
import { silentNeighbourRows } from "./endings/rows-messages.ts";

// One variant: all rows wait for the same minute.
export default defineScenario<readonly Row[]>({
  title: "a Go and a TypeScript peer bear silence for the same 60 s, and then end it in the same way",
  casts: [{ A: "go", B: "ts" }],
  generations: ["2019"],
  gate: false,
  variants: { "60-s": [...silentHandshakeRows, ...silentNeighbourRows] },
  withinMs: 120_000,
  transports: ["native"], // it dials from addresses of its own
  mesh: () => ({
    peers: {
      go: { side: "A", discovery: false, uid: 101n },
      ts: { side: "B", discovery: false, uid: 202n, dials: ["go"] },
    },
  }),
  run: (mesh, rows) => runRows(mesh, rows),
});
