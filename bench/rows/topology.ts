import { CommandedProcess } from "../../interop/driver/commanded-process.ts";
import { goBinary } from "../../interop/driver/go-build.ts";
import type { Benchmark } from "../harness/benchmark.ts";
import { tsScript } from "../harness/build.ts";
import type { Measurements, Sample } from "../harness/measurements.ts";
import { nodeFlags } from "../harness/mesh.ts";
import { clique, sparse, type TopologyFile } from "../harness/topologies.ts";

/** Starts the topology programs of both languages, has them load a mesh, and lets `use` measure them. */
async function withBoth(
  mesh: TopologyFile,
  use: (ts: CommandedProcess, go: CommandedProcess) => Promise<void>,
): Promise<void> {
  const flags = [...nodeFlags, tsScript("topology")];
  const ts = new CommandedProcess("ts topology", { file: process.execPath, arguments: flags });
  const go = new CommandedProcess("go topology", { file: goBinary("topology"), arguments: [] });
  for (const program of [ts, go]) {
    await program.ready;
    const { peers } = await program.ask("load", { file: mesh.file, to: mesh.ourself });
    if (peers !== mesh.described) throw new Error(`${peers} of ${mesh.described} peers were loaded`);
  }
  await use(ts, go);
  for (const program of [ts, go]) await program.end();
}

/** What each side knows after equally many changes must be the same, to the last connection's address. */
async function compareDigests(ts: CommandedProcess, go: CommandedProcess, mesh: TopologyFile): Promise<void> {
  for (const program of [ts, go]) await program.ask("load", { file: mesh.file, to: mesh.ourself });
  for (const program of [ts, go]) await program.ask("updates", { seconds: 0 });
  const [ours, theirs] = await Promise.all([ts.ask("digest"), go.ask("digest")]);
  if (ours.sum !== theirs.sum || ours.connections !== theirs.connections) {
    throw new Error(`the sides do not know the same: ${JSON.stringify([ours, theirs])}`);
  }
}

/** Row f: topology updates. */
export const updates: Benchmark = {
  id: "f",
  title: "a topology update of all peers of a clique, each with a new version: applied and encoded",
  async run(measurements: Measurements) {
    for (const size of measurements.effort.quick ? [10, 100, 400] : [10, 100, 400, 1000]) {
      const [apply, encode, both] = [
        `apply update, clique of ${size}`,
        `encode update, clique of ${size}`,
        `apply update and calculate routes, clique of ${size}`,
      ];
      if (!measurements.wanted(apply, encode, both)) continue;
      const mesh = clique(size);
      await withBoth(mesh, async (ts, go) => {
        const measure = async (program: CommandedProcess, seconds: number): Promise<Sample> => {
          const result = await program.ask<Record<string, number>>("updates", { seconds });
          return { [apply]: result.apply!, [encode]: result.encode!, [both]: result.applyAndRoute! };
        };
        const bar = size <= 400 ? { bar: 1.2 } : {};
        const unit = { unit: "updates/s", better: "higher" } as const;
        await measurements.compare(
          [
            { row: apply, ...unit, ...bar },
            { row: encode, ...unit, ...bar },
            { row: both, ...unit },
          ],
          {
            ts: ({ seconds }) => measure(ts, seconds),
            go: ({ seconds }) => measure(go, seconds),
          },
        );
        await compareDigests(ts, go, mesh);
      });
    }
  },
};

/** Row g: routes. */
export const routes: Benchmark = {
  id: "g",
  title:
    "routes calculated after one peer has changed, and everybody looked up; broadcast routes of 16 sources",
  async run(measurements: Measurements) {
    const meshes = [
      ...[10, 100, 400, 1000].map((size) => ({ name: `clique of ${size}`, size, make: () => clique(size) })),
      { name: "sparse mesh of 4,096", size: 4096, make: () => sparse(4096) },
    ];
    for (const { name, size, make } of meshes) {
      const [calculate, broadcast] = [`calculate routes, ${name}`, `broadcast routes, ${name}`];
      if (!measurements.wanted(calculate, broadcast)) continue;
      await withBoth(make(), async (ts, go) => {
        const hops = new Set<number>();
        const measure = async (program: CommandedProcess, seconds: number): Promise<Sample> => {
          const result = await program.ask<Record<string, number>>("routes", { seconds });
          if (size <= 1000) hops.add(Math.round(result.hops!));
          return { [calculate]: result.calculate!, [broadcast]: result.broadcast! };
        };
        await measurements.compare(
          [
            { row: calculate, unit: "calculations/s", better: "higher", ...(size === 1000 && { bar: 2 }) },
            { row: broadcast, unit: "sources/s", better: "higher" },
          ],
          {
            ts: ({ seconds }) => measure(ts, seconds),
            go: ({ seconds }) => measure(go, seconds),
          },
        );
        if (hops.size > 1) throw new Error(`${name}: the sides have different broadcast routes`);
      });
    }
  },
};
