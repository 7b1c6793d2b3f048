/**
 * Runs scenarios that join TypeScript peers to real Go peers. `npm run interop -- --help` says how.
 */
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type ByteExactResult, proveByteExact } from "./byte-exact/prove.ts";
import { buildGo, type Flavour, type Generation } from "./driver/go-build.ts";
import { buildTypeScript, lastTree } from "./driver/package-build.ts";
import { buildFolder } from "./driver/paths.ts";
import { selectCells } from "./runner/cells.ts";
import { prepareContainers } from "./runner/containers.ts";
import type { Programs } from "./runner/mesh-spec.ts";
import { goProgramsOf, specOf, usesTypeScript } from "./runner/needs.ts";
import { line, table, writeReport } from "./runner/report.ts";
import { type CellResult, cellFolder, removeOldRuns, runCell, runFolder } from "./runner/run-cell.ts";
import { type Cell, cellText } from "./runner/scenario.ts";
import { inParallel } from "./runner/schedule.ts";

const usage = `Usage: npm run interop [-- OPTIONS]
  --gate             each scenario with both mixed casts, flavours and generations taking turns
                     (the default; without those scenarios that take minutes)
  --all              each scenario with both mixed casts in both flavours and generations
  --docker           in containers on private networks in place of processes on loopback addresses
  --only PATTERN     only cells whose name matches, as "lines" or "handshake v1.*hash"
  --flavour F        mac or hash
  --generation G     2018 or 2019: which original the Go peers are made of
  --cast C           go-ts, ts-go, go-go or ts-ts: the languages of side A and side B
  --seed S           repeat the names and payloads of a run
  --go-peer BINARY   (or an image, with --docker) your own Go peer in place of ours; it has one flavour and one state of
                     the library, so give --flavour too, and --generation if it is older than October 2019 (default 2019)
  --tree FOLDER      a compiled package and peer that was built before (interop/driver/package-build.ts)
  --report FILE      where the JSON report goes (default interop/.build/report.json)
  --at-once N        how many peers run at the same time, about (default 16)
  --list             show the cells and run nothing
  --no-build         run what was built before
  --keep             keep the logs of passed scenarios, too`;

const { values } = parseArgs({
  options: {
    gate: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
    docker: { type: "boolean", default: false },
    only: { type: "string" },
    flavour: { type: "string" },
    generation: { type: "string" },
    cast: { type: "string" },
    seed: { type: "string" },
    "go-peer": { type: "string" },
    tree: { type: "string" },
    report: { type: "string" },
    "at-once": { type: "string", default: "16" },
    list: { type: "boolean", default: false },
    "no-build": { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(usage);
} else {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

async function main(): Promise<number> {
  const goPeer = values.docker ? values["go-peer"] : file(values["go-peer"]);
  const programs: Programs = { tree: file(values.tree) ?? lastTree, goPeer };
  const cells = await selectCells({
    all: values.all,
    only: values.only === undefined ? undefined : new RegExp(values.only),
    flavour: values.flavour as Flavour | undefined,
    generation: (values.generation ?? (goPeer === undefined ? undefined : "2019")) as Generation | undefined,
    cast: values.cast,
    transport: values.docker ? "docker" : "native",
    programs,
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
  if (!values["no-build"]) await build(cells, programs);
  if (values.docker) await prepareContainers();
  const results = await runAll(cells, seed);
  const byteExact = await prove(cells, results);
  console.log(`\n${table(results)}\n`);
  const outcomes = [...results, ...(byteExact ? [byteExact] : [])];
  const passed = outcomes.filter((result) => result.passed).length;
  const report = values.report ?? join(buildFolder, "report.json");
  await writeReport(report, seed, results, { byteExact });
  console.log(`report: ${report}`);
  console.log(`${passed} passed, ${outcomes.length - passed} failed`);
  return passed === outcomes.length ? 0 : 1;
}

/** Proves that what Go sent in this run is encoded again to identical bytes; nothing to prove in an unmixed run. */
async function prove(
  cells: readonly Cell[],
  results: readonly CellResult[],
): Promise<ByteExactResult | undefined> {
  if (!cells.some(({ cast }) => cast.A !== cast.B)) return undefined;
  const folder = join(runFolder, "byte-exact");
  const recordings = results.flatMap((result) => result.recordings);
  const result = await proveByteExact(recordings, folder);
  const counts = Object.entries(result.counts).map(([kind, count]) => `${count} ${kind}`);
  console.log(
    `${result.passed ? "ok  " : "FAIL"} byte-exact: ${result.total} sent by Go (${counts.join(", ")})`,
  );
  for (const problem of result.problems) console.log(`     ${problem}`);
  if (result.passed && !values.keep) await rm(folder, { recursive: true, force: true });
  for (const { cell, passed } of results) if (passed && !values.keep) await forget(cell);
  return result;
}

/** Peers start with this directory as theirs, but so that it need not be relied on. */
function file(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

function forget(cell: Cell): Promise<void> {
  return rm(cellFolder(cell), { recursive: true, force: true });
}

/** Builds what the cells need and nothing else: with Go peers only, nothing of ours has to compile. */
async function build(cells: readonly Cell[], programs: Programs): Promise<void> {
  for (const [program, flavour, generation] of goProgramsOf(cells)) {
    await buildGo(program, flavour, generation);
  }
  if (values.tree === undefined && usesTypeScript(cells)) programs.tree = await buildTypeScript();
}

async function runAll(cells: readonly Cell[], seed: string): Promise<CellResult[]> {
  await removeOldRuns();
  const weight = (cell: Cell) => Object.keys(specOf(cell).peers).length;
  return inParallel(cells, Number(values["at-once"]), weight, async (cell) => {
    const result = await runCell(cell, seed);
    console.log(line(result));
    return result;
  });
}
