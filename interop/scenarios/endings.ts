import { defineScenario } from "../runner/index.ts";
import { runRows } from "./endings/compare.ts";
import type { Group } from "./endings/row.ts";
import {
  featureRows,
  headerRows,
  limitRows,
  openingRows,
  passwordRows,
  secondVersionRows,
} from "./endings/rows-handshake.ts";
import { frameRows, gobFrameRows, gossiperRows, sealedRows } from "./endings/rows-messages.ts";

const groups: Record<string, Group> = {
  header: { rows: headerRows },
  opening: { rows: openingRows },
  features: { rows: featureRows },
  password: { mesh: { password: "secret" }, rows: [...passwordRows, ...sealedRows] },
  "second-version": { victims: { minProtocol: 2 }, rows: secondVersionRows },
  limit: { victims: { connectionLimit: 1 }, rows: limitRows },
  messages: { victims: { counters: ["counter"] }, rows: [...frameRows, ...gobFrameRows, ...gossiperRows] },
};

export default defineScenario<Group>({
  title: "a Go and a TypeScript peer answer the same offences in the same way, on the wire and in the log",
  casts: [{ A: "go", B: "ts" }],
  generations: ["2019"],
  variants: groups,
  withinMs: 120_000,
  transports: ["native"], // it dials from addresses of its own
  mesh: ({ mesh, victims }) => ({
    ...mesh,
    peers: {
      go: { side: "A", discovery: false, uid: 101n, ...victims },
      ts: { side: "B", discovery: false, uid: 202n, dials: ["go"], ...victims },
    },
  }),
  run: (mesh, { rows }) => runRows(mesh, rows),
});
