/**
 * npm run bench:simulation: many routers in one process, on the in-memory network and a virtual clock.
 *
 *     npm run bench:simulation -- --sparse 10,30,100,300,1000 --full 10,30,100,300 --out docs/plots
 *
 * Each mesh starts at once and runs until every router knows every peer with all its connections. Writes a table, the
 * exponents with which each figure grows, and a plot of each as SVG.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildFolder } from "../harness/paths.ts";
import { plot, powerLaw, type Series } from "./plot.ts";
import { type Outcome, type Shape, simulate } from "./simulate.ts";

const { values: options } = parseArgs({
  options: {
    sparse: { type: "string", default: "10,30,100,300,1000" },
    full: { type: "string", default: "10,30,100,300" },
    out: { type: "string", default: join(buildFolder, "simulation") },
  },
});

const figures = [
  { key: "seconds", title: "Until all peers agree", unit: "seconds of virtual time" },
  { key: "messagesPerPeer", title: "Messages sent by each peer", unit: "messages" },
  { key: "bytesPerPeer", title: "Bytes sent by each peer", unit: "bytes" },
  { key: "cpuSecondsPerPeer", title: "Processor time for each peer", unit: "CPU seconds" },
] as const;

const sizes = (text: string): number[] => (text === "" ? [] : text.split(",").map(Number));
const outcomes: Outcome[] = [];
console.log(
  "| mesh | peers | connections | virtual s | messages/peer | KiB/peer | CPU ms/peer | resident MiB |",
);
console.log(
  "|------|------:|------------:|----------:|--------------:|---------:|------------:|-------------:|",
);
for (const [shape, list] of [
  ["sparse", sizes(options.sparse)],
  ["full", sizes(options.full)],
] as [Shape, number[]][]) {
  for (const size of list) {
    const outcome = await simulate(shape, size);
    if (outcome === undefined) {
      console.log(`| ${shape} | ${size} | did not agree in time |`);
      continue;
    }
    outcomes.push(outcome);
    const cells = [
      shape,
      size,
      outcome.connections,
      outcome.seconds.toFixed(1),
      outcome.messagesPerPeer.toFixed(0),
      (outcome.bytesPerPeer / 1024).toFixed(0),
      (outcome.cpuSecondsPerPeer * 1000).toFixed(1),
      (outcome.residentBytes / 2 ** 20).toFixed(0),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

mkdirSync(options.out, { recursive: true });
writeFileSync(join(options.out, "simulation.json"), `${JSON.stringify(outcomes, null, 1)}\n`);
console.log();
for (const { key, title, unit } of figures) {
  const series: Series[] = (["sparse", "full"] as const)
    .map((shape) => ({
      name: shape,
      points: outcomes.filter((one) => one.shape === shape).map((one) => [one.peers, one[key]] as const),
    }))
    .filter(({ points }) => points.length > 0);
  for (const { name, points } of series) {
    if (points.length > 1)
      console.log(`${title}, ${name}: grows with the power ${powerLaw(points).exponent.toFixed(2)}`);
  }
  writeFileSync(join(options.out, `${key}.svg`), plot(title, "peers", unit, series));
}
