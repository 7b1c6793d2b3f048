import type { Benchmark } from "../harness/benchmark.ts";
import { type Language, type Mesh, startMesh } from "../harness/mesh.ts";
import { cpuRow, measureStream } from "./unicast.ts";

const cases = [
  { size: 64, text: "64 B", sealing: "plain" },
  { size: 1024, text: "1 KiB", sealing: "plain" },
  { size: 65536, text: "64 KiB", sealing: "plain" },
  { size: 1024, text: "1 KiB", sealing: "sealed" },
] as const;

/** The side `ts` is a TypeScript relay between Go peers. */
const casts: Readonly<Record<string, readonly Language[]>> = {
  go: ["go", "go", "go"],
  ts: ["go", "ts", "go"],
  "ts→ts→ts": ["ts", "ts", "ts"],
  "ts→go→ts": ["ts", "go", "ts"],
};

const benchmark: Benchmark = {
  id: "b",
  title: "unicast through a relay: the middle one's language, between Go peers",
  async run(measurements) {
    for (const sealing of ["plain", "sealed"] as const) {
      const wanted = cases
        .map((one) => ({ ...one, row: `relay ${one.text} ${one.sealing}` }))
        .filter((one) => one.sealing === sealing && measurements.wanted(one.row));
      if (wanted.length === 0) continue;
      const meshes: [string, Mesh][] = [];
      for (const [side, languages] of Object.entries(casts)) {
        const links = [
          [0, 1],
          [2, 1],
        ] as const;
        meshes.push([side, await startMesh(languages, links, sealing === "sealed" ? "secret" : undefined)]);
      }
      for (const { size, row } of wanted) {
        await measurements.compare(
          [
            { row, unit: "messages/s", better: "higher", bar: 1 },
            { row: cpuRow(row), unit: "µs", better: "lower" },
          ],
          Object.fromEntries(
            meshes.map(([side, mesh]) => [
              side,
              ({ seconds }) => measureStream(mesh, { from: 0, to: 2 }, size, seconds, row),
            ]),
          ),
        );
      }
      for (const [, mesh] of meshes) await mesh.end();
    }
  },
};

export default benchmark;
