import type { Benchmark } from "../harness/benchmark.ts";
import type { Sample } from "../harness/measurements.ts";
import { type Language, type Mesh, startMesh } from "../harness/mesh.ts";
import { cpuMsOf, cpuRow } from "./unicast.ts";

const members = 8;

/** All pairs, each once. */
const everyPair = Array.from({ length: members }, (_, i) => i).flatMap((i) =>
  Array.from({ length: i }, (_, j) => [i, j] as const),
);

const cases = [
  { size: 256, text: "256 B" },
  { size: 4096, text: "4 KiB" },
];

async function startClique(language: Language): Promise<Mesh> {
  const mesh = await startMesh(Array<Language>(members).fill(language), everyPair);
  await Promise.all(
    mesh.peers.map((peer) => peer.ask("know", { router: 0, names: mesh.names, degree: members - 1 })),
  );
  return mesh;
}

async function measure(mesh: Mesh, size: number, seconds: number, row: string): Promise<Sample> {
  const [sender, ...receivers] = mesh.peers;
  await Promise.all(receivers.map((receiver) => receiver.ask("expect", { size })));
  type Sent = { sent: number; broken: number; seconds: number };
  const cpuBefore = await cpuMsOf(mesh);
  const result = await sender!.ask<Sent>("broadcasts", { receivers: receivers.length, size, seconds });
  if (result.broken > 0) throw new Error(`${row}: ${result.broken} receivers missed something`);
  const cpu = (await cpuMsOf(mesh)) - cpuBefore;
  return { [row]: result.sent / result.seconds, [cpuRow(row)]: (cpu * 1000) / result.sent };
}

const benchmark: Benchmark = {
  id: "c",
  title: `broadcast in a clique of ${members}, one process each, until all have confirmed all`,
  async run(measurements) {
    const wanted = cases
      .map((one) => ({ ...one, row: `broadcast ${one.text}, clique of ${members}` }))
      .filter(({ row }) => measurements.wanted(row));
    if (wanted.length === 0) return;
    const ts = await startClique("ts");
    const go = await startClique("go");
    for (const { size, row } of wanted) {
      await measurements.compare(
        [
          { row, unit: "broadcasts/s", better: "higher", bar: 1 },
          { row: cpuRow(row), unit: "µs", better: "lower" },
        ],
        {
          ts: ({ seconds }) => measure(ts, size, seconds, row),
          go: ({ seconds }) => measure(go, size, seconds, row),
        },
      );
    }
    await ts.end();
    await go.end();
  },
};

export default benchmark;
