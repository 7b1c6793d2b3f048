/**
 * Runs scenarios that join TypeScript peers to real Go peers. `npm run interop -- --help` says how.
 */
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildFolder, buildGo, buildTypeScript } from "./runner/build.ts";
import { selectCells } from "./runner/cells.ts";
import { goProgramsOf, specOf, usesTypeScript } from "./runner/needs.ts";
import { line, table, writeReport } from "./runner/report.ts";
import { type CellResult, runCell, runsFolder } from "./runner/run-cell.ts";
import { type Cell, cellText, type Flavour } from "./runner/scenario.ts";
import { inParallel } from "./runner/schedule.ts";

const usage = `Usage: npm run interop [-- OPTIONS]
  --gate             each scenario with both mixed casts, the flavours taking turns (the default)
  --all              each scenario with both mixed casts in both flavours
  --only PATTERN     only cells whose name matches, as "lines" or "handshake v1.*hash"
  --flavour F        mac or hash
  --cast C           go-ts, ts-go, go-go or ts-ts: the languages of side A and side B
  --seed S           repeat the names and payloads of a run
  --at-once N        how many peers run at the same time, about (default 12)
  --list             show the cells and run nothing
  --keep             keep the logs of passed scenarios, too`;

const { values } = parseArgs({
  options: {
    gate: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
    only: { type: "string" },
    flavour: { type: "string" },
    cast: { type: "string" },
    seed: { type: "string" },
    "at-once": { type: "string", default: "12" },
    list: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(usage);
} else {
  process.exitCode = await main();
}

async function main(): Promise<number> {
  const cells = await selectCells({
    all: values.all,
    only: values.only === undefined ? undefined : new RegExp(values.only),
    flavour: values.flavour as Flavour | undefined,
    cast: values.cast,
  });
  if (values.list) {
    for (const cell of cells) console.log(`${cellText(cell)}: ${cell.definition.title}`);
    return 0;
  }
  if (cells.length === 0) {
    console.error("no scenario matches");
    return 1;
  }
  const seed = values.seed ?? randomBytes(4).toString("hex");
  console.log(`${cells.length} scenarios, seed ${seed}`);
  await build(cells);
  const results = await runAll(cells, seed);
  console.log(`\n${table(results)}\n`);
  const passed = results.filter((result) => result.passed).length;
  const report = join(buildFolder, "report.json");
  await writeReport(report, seed, results, {});
  console.log(`report: ${report}`);
  console.log(`${passed} passed, ${results.length - passed} failed`);
  return passed === results.length ? 0 : 1;
}

/** Builds what the cells need and nothing else: with Go peers only, nothing of ours has to compile. */
async function build(cells: readonly Cell[]): Promise<void> {
  for (const [program, flavour] of goProgramsOf(cells)) await buildGo(program, flavour);
  if (usesTypeScript(cells)) await buildTypeScript();
}

async function runAll(cells: readonly Cell[], seed: string): Promise<CellResult[]> {
  await rm(runsFolder, { recursive: true, force: true });
  const weight = (cell: Cell) => Object.keys(specOf(cell).peers).length;
  return inParallel(cells, Number(values["at-once"]), weight, async (cell) => {
    const result = await runCell(cell, seed, runsFolder);
    console.log(line(result));
    if (result.passed && !values.keep) {
      await rm(join(runsFolder, cellText(cell).replace(/[^\w.-]+/g, "_")), { recursive: true, force: true });
    }
    return result;
  });
}
