/**
 * npm run bench:simulation: many routers in one process, on the in-memory network and a virtual clock.
 *
 *     npm run bench:simulation -- --sparse 10,30,100 --full 10,30 --named '' --out docs/plots
 *     npm run bench:simulation -- --sparse '' --full 60 --named '' --over 12 --bandwidth 12.5
 *     npm run bench:simulation -- --sparse '' --full '' --named 300 --progress   # takes an hour
 *
 * Each mesh runs, in a process of its own, until every router knows every peer with all its connections. Writes a table,
 * the exponents with which each figure grows, and a plot of each as SVG.
 */
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { buildFolder } from "../harness/paths.ts";
import { plot, powerLaw, type Series } from "./plot.ts";
import { type Shape, shapes } from "./shape.ts";
import type { MeshOptions, Outcome } from "./simulate.ts";
import { tableHead, tableLine } from "./table.ts";

const { values: options } = parseArgs({
  options: {
    sparse: { type: "string", default: "10,30,100,300,1000" },
    full: { type: "string", default: "10,30,60" },
    named: { type: "string", default: "10,30,60,100" },
    /** Over how many virtual seconds the peers start. */
    over: { type: "string", default: "0" },
    /** Of each host, in MB/s: a gigabit a second. */
    bandwidth: { type: "string", default: "125" },
    /** Of each direction of a connection, in KiB. */
    window: { type: "string", default: "1024" },
    /** After how many virtual seconds a mesh that does not agree is given up. */
    limit: { type: "string", default: "300" },
    /** Whether to show how far each mesh has come, step by step. */
    progress: { type: "boolean", default: false },
    out: { type: "string", default: join(buildFolder, "simulation") },
  },
});

interface Figure {
  readonly key: Exclude<keyof Outcome, "shape">;
  /** The figure by the original's rules. */
  readonly original?: Figure["key"];
  readonly title: string;
  readonly unit: string;
}

const figures: readonly Figure[] = [
  { key: "seconds", title: "Until all peers agree", unit: "seconds of virtual time" },
  {
    key: "messagesPerPeer",
    original: "originalMessagesPerPeer",
    title: "Messages sent by each peer",
    unit: "messages",
  },
  { key: "bytesPerPeer", original: "originalBytesPerPeer", title: "Bytes sent by each peer", unit: "bytes" },
  { key: "cpuSecondsPerPeer", title: "Processor time for each peer", unit: "CPU seconds" },
];

/** Room for a thousand routers' pictures of the mesh. */
const heapMiB = 14_000;

async function inItsOwnProcess(mesh: MeshOptions): Promise<Outcome | undefined> {
  const script = join(import.meta.dirname, "one.ts");
  const flags = [
    "--expose-gc",
    `--max-old-space-size=${heapMiB}`,
    `--initial-old-space-size=${heapMiB >> 1}`,
  ];
  const parameters = [...flags, "--import", "tsx", script, JSON.stringify(mesh)];
  const running = promisify(execFile)(process.execPath, parameters);
  if (options.progress) running.child.stderr?.pipe(process.stderr, { end: false });
  const { stdout } = await running;
  return (JSON.parse(stdout) as Outcome | null) ?? undefined;
}

console.log(`${options.bandwidth} MB/s for each host, windows of ${options.window} KiB\n`);
console.log(tableHead);
const outcomes: Outcome[] = [];
for (const shape of shapes) {
  for (const size of options[shape] === "" ? [] : options[shape].split(",").map(Number)) {
    const outcome = await inItsOwnProcess({
      shape,
      size,
      startSeconds: Number(options.over),
      megabytesPerSecond: Number(options.bandwidth),
      windowKiB: Number(options.window),
      limitSeconds: Number(options.limit),
    });
    if (outcome === undefined) {
      console.log(`| ${shape} | ${size} | did not agree within ${options.limit} virtual s |`);
      continue;
    }
    outcomes.push(outcome);
    console.log(tableLine(outcome));
  }
}

function points(shape: Shape, key: Figure["key"]): Series["points"] {
  return outcomes.filter((one) => one.shape === shape).map((one) => [one.size, one[key]] as const);
}

mkdirSync(options.out, { recursive: true });
writeFileSync(join(options.out, "simulation.json"), `${JSON.stringify(outcomes, null, 1)}\n`);
console.log();
for (const { key, original, title, unit } of figures) {
  const series: Series[] = [];
  for (const shape of shapes.filter((one) => outcomes.some((outcome) => outcome.shape === one))) {
    series.push({ name: shape, points: points(shape, key) });
    if (original === undefined) continue;
    series.push({
      name: `${shape}, by the original's rules`,
      points: points(shape, original),
      isComparison: true,
    });
  }
  for (const { name, points } of series.filter(({ points }) => points.length > 1)) {
    console.log(`${title}, ${name}: grows with the power ${powerLaw(points).exponent.toFixed(2)}`);
  }
  if (outcomes.length > 0) writeFileSync(join(options.out, `${key}.svg`), plot(title, "peers", unit, series));
}
