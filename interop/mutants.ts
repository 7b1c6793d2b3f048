/**
 * Shows that the interop suite can fail: puts one fault after the other into a copy of the built package and runs
 * the scenario that has to notice it. `npm run interop:mutants -- --help`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildTypeScript } from "./driver/package-build.ts";
import { buildFolder, root } from "./driver/paths.ts";
import { type Fault, faults } from "./mutants/faults.ts";

const usage = `Usage: npm run interop:mutants [-- OPTIONS]
  --only PATTERN   only faults whose name matches
  --at-once N      how many at a time (default 3)
  --list           show the faults and run nothing`;

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    "at-once": { type: "string", default: "3" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const folder = join(buildFolder, "mutants");
let sound = "";

/** What became of a fault. */
interface Verdict {
  fault: Fault;
  killer: string | undefined;
  how: string;
  seconds: number;
}

/** The part of run.ts's report that is looked at. */
interface Report {
  cells: { scenario: string; variant: string; cast: string; passed: boolean; error?: string }[];
}

if (values.help) console.log(usage);
else if (values.list) for (const { name, killedBy } of faults) console.log(`${name}: ${killedBy[1]}`);
else process.exitCode = await main();

async function main(): Promise<number> {
  const chosen = faults.filter(({ name }) => new RegExp(values.only).test(name));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  sound = await buildTypeScript();
  // Without a fault the same cells pass: otherwise their failing would mean nothing.
  const cells = new Map(chosen.map((fault) => [fault.killedBy.join(" "), fault]));
  let healthy = true;
  console.log(`${cells.size} cells without a fault`);
  await inTurns([...cells.values()], async (fault) => {
    const { failed, output } = await runSuite(
      fault,
      await copyTree(undefined, `sound-${faults.indexOf(fault)}`),
    );
    if (failed === undefined || failed.length > 0) {
      healthy = false;
      console.log(`FAIL ${fault.killedBy.join(" ")}: does not pass without a fault\n${output}`);
    }
  });
  if (!healthy) return finish([], chosen.length);

  console.log(`${chosen.length} faults`);
  const verdicts: Verdict[] = [];
  await inTurns(chosen, async (fault) => {
    const verdict = await judge(fault).catch((error: Error): Verdict => {
      return { fault, killer: undefined, how: error.message, seconds: 0 };
    });
    verdicts.push(verdict);
    const mark = verdict.killer === undefined ? "SURVIVED" : "killed  ";
    console.log(`${mark} ${fault.name} (${verdict.seconds.toFixed(0)} s)\n         ${verdict.how}`);
  });
  return finish(verdicts, chosen.length);
}

function finish(verdicts: readonly Verdict[], all: number): number {
  const killed = verdicts.filter(({ killer }) => killer !== undefined).length;
  console.log(`\n${table(verdicts)}\n\n${killed} passed, ${all - killed} failed`);
  return killed === all ? 0 : 1;
}

function table(verdicts: readonly Verdict[]): string {
  const width = Math.max(0, ...verdicts.map(({ fault }) => fault.name.length));
  return verdicts
    .map(({ fault, killer }) => `${fault.name.padEnd(width)}  ${killer ?? "SURVIVED"}`)
    .join("\n");
}

async function judge(fault: Fault): Promise<Verdict> {
  const start = performance.now();
  const tree = await copyTree(fault, `fault-${faults.indexOf(fault)}`);
  const { failed, output } = await runSuite(fault, tree);
  const seconds = (performance.now() - start) / 1000;
  if (failed === undefined)
    return { fault, killer: undefined, how: `the suite did not run:\n${output}`, seconds };
  const [first] = failed;
  if (first === undefined)
    return { fault, killer: undefined, how: `nothing of ${fault.killedBy.join(" ")}`, seconds };
  const killer = `${first.scenario} ${first.variant}`.trim();
  return { fault, killer, how: `${killer} [${first.cast}]: ${first.error?.split("\n")[0]}`, seconds };
}

/** A copy of the compiled tree, with a fault. @throws Error when the fault does not fit the package any more. */
async function copyTree(fault: Fault | undefined, name: string): Promise<string> {
  const tree = join(folder, name);
  await cp(sound, tree, { recursive: true });
  if (fault !== undefined) await inject(fault, join(tree, "dist", fault.file));
  return tree;
}

async function inject({ name, right, wrong, occurrence }: Fault, file: string): Promise<void> {
  const parts = (await readFile(file, "utf8")).split(right);
  const found = parts.length - 1;
  if (found === 0 || (occurrence === undefined ? found > 1 : occurrence >= found)) {
    throw new Error(`${name}: "${right}" stands ${found} times in ${file}`);
  }
  const at = (occurrence ?? 0) + 1;
  await writeFile(file, parts.slice(0, at).join(right) + wrong + parts.slice(at).join(right));
}

/** The cells that failed, or `undefined` when there is no report. */
async function runSuite(
  fault: Fault,
  tree: string,
): Promise<{ failed: Report["cells"] | undefined; output: string }> {
  const report = join(tree, "report.json");
  await rm(report, { force: true });
  const child = spawn(
    process.execPath,
    [
      ...["--import", "tsx", join(root, "interop", "run.ts")],
      ...["--tree", tree, "--report", report, ...fault.killedBy],
    ],
    { cwd: root, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk));
  await once(child, "close");
  try {
    const { cells } = JSON.parse(await readFile(report, "utf8")) as Report;
    return { failed: cells.filter(({ passed }) => !passed), output };
  } catch {
    return { failed: undefined, output };
  }
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Number(values["at-once"]) }, worker));
}
