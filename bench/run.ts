/**
 * npm run bench: the mesh in TypeScript and in Go, measured side by side.
 *
 *     npm run bench -- --only '^[ab] '   # rows whose letter and name match
 *     npm run bench -- --quick           # a few seconds for each row: to see that it works
 *     npm run bench -- --rounds 9 --seconds 2 --json bench/.build/result.json
 *     npm run bench -- --no-build        # measure what was built last
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { buildAll } from "./harness/build.ts";
import { type Effort, Measurements, type Result } from "./harness/measurements.ts";
import { describeMachine, tableHead, tableLine } from "./harness/report.ts";
import { benchmarks } from "./rows/index.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string" },
    seconds: { type: "string" },
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    json: { type: "string" },
    "no-build": { type: "boolean", default: false },
  },
});
const effort: Effort = {
  rounds: Number(options.rounds ?? (options.quick ? 3 : 5)),
  seconds: Number(options.seconds ?? (options.quick ? 0.4 : 2)),
  warmSeconds: Number(options.seconds ?? (options.quick ? 0.8 : 2)),
  quick: options.quick,
};
const only = new RegExp(options.only, "i");

await buildAll({ keep: options["no-build"] });
const machine = describeMachine(execFileSync("go", ["version"]).toString().trim());
console.log(
  `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}`,
);
console.log(
  `Node ${machine.node}, ${machine.go}; ${effort.rounds} rounds; load ${machine.load.toFixed(1)}\n`,
);
console.log(tableHead);

const results: Result[] = [];
let failed = false;
for (const benchmark of benchmarks) {
  const measurements = new Measurements(benchmark.id, effort, only, (result) =>
    console.log(tableLine(result)),
  );
  try {
    await benchmark.run(measurements);
  } catch (error) {
    failed = true;
    console.error(`${benchmark.id} ${benchmark.title}:`, error);
  }
  results.push(...measurements.results);
}
if (options.json !== undefined)
  writeFileSync(options.json, JSON.stringify({ machine, effort, results }, null, 1));
process.exit(failed ? 1 : 0);
