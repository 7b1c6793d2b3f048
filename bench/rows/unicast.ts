import type { Benchmark } from "../harness/benchmark.ts";
import type { Measurements, Sample } from "../harness/measurements.ts";
import { type Language, type Mesh, startMesh } from "../harness/mesh.ts";

/** One stream of unicasts from one peer of a mesh to another, checked; messages and CPU time by row. */
export async function measureStream(
  mesh: Mesh,
  ends: { from: number; to: number },
  size: number,
  seconds: number,
  row: string,
): Promise<Sample> {
  const sender = mesh.peers[ends.from]!;
  const receiver = mesh.peers[ends.to]!;
  await receiver.ask("expect", { size });
  const cpuBefore = await cpuMsOf(mesh);
  const received = receiver.ask<{ count: number; broken: number; seconds: number }>("arrived");
  const { sent } = await sender.ask<{ sent: number }>("stream", { to: mesh.names[ends.to], size, seconds });
  const { count, broken, seconds: took } = await received;
  if (broken > 0 || count !== sent)
    throw new Error(`${row}: of ${sent} messages came ${count}, ${broken} broken`);
  const cpuAfter = await cpuMsOf(mesh);
  return { [row]: count / took, [cpuRow(row)]: ((cpuAfter - cpuBefore) * 1000) / count };
}

/** The row that tells what a message costs in processor time. */
export function cpuRow(row: string): string {
  return `${row}, CPU of all processes`;
}

/** Processor time that all processes of a mesh have used so far, in milliseconds. */
export async function cpuMsOf(mesh: Mesh): Promise<number> {
  const all = await Promise.all(mesh.peers.map((peer) => peer.ask<{ cpuMs: number }>("usage")));
  return all.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

const sizes = [
  { size: 64, text: "64 B" },
  { size: 256, text: "256 B" },
  { size: 1024, text: "1 KiB" },
  { size: 65536, text: "64 KiB" },
  { size: 1048576, text: "1 MiB" },
];

const casts: Readonly<Record<string, readonly [Language, Language]>> = {
  go: ["go", "go"],
  ts: ["ts", "ts"],
  "go→ts": ["go", "ts"],
  "ts→go": ["ts", "go"],
};

const benchmark: Benchmark = {
  id: "a",
  title: "unicast, one hop",
  async run(measurements: Measurements) {
    for (const sealing of ["plain", "sealed"] as const) {
      const rows = sizes.map(({ text }) => `unicast ${text} ${sealing}`);
      if (!measurements.wanted(...rows)) continue;
      const password = sealing === "sealed" ? "secret" : undefined;
      const meshes: [string, Mesh][] = [];
      for (const [side, languages] of Object.entries(casts)) {
        meshes.push([side, await startMesh(languages, [[0, 1]], password)]);
      }
      for (const [i, { size }] of sizes.entries()) {
        const row = rows[i]!;
        if (!measurements.wanted(row)) continue;
        const bar = size >= 65536 ? 1 : sealing === "plain" ? 2 : 1.5;
        await measurements.compare(
          [
            { row, unit: "messages/s", better: "higher", bar },
            { row: cpuRow(row), unit: "µs", better: "lower" },
          ],
          Object.fromEntries(
            meshes.map(([side, mesh]) => [
              side,
              ({ seconds }) => measureStream(mesh, { from: 0, to: 1 }, size, seconds, row),
            ]),
          ),
        );
      }
      for (const [, mesh] of meshes) await mesh.end();
    }
  },
};

export default benchmark;
