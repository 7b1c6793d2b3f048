/**
 * Attacks a Go peer and ours side by side, and measures what that costs each. `npm run hostile -- --help` says how.
 */
import { parseArgs } from "node:util";
import { root } from "../driver/paths.ts";
import { barsOf, isCommandAttack } from "./attack.ts";
import { buildPrograms, type Programs } from "./measure/build.ts";
import { catalogue, type Entry } from "./measure/catalogue.ts";
import { type CommandFigures, runCommand } from "./measure/command-run.ts";
import { judge, judgeCommand, median, type Result, summarise } from "./measure/figures.ts";
import { type NetworkFigures, type NetworkRun, runNetwork } from "./measure/network-run.ts";
import { line, table, writeJson } from "./measure/report.ts";

const usage = `Usage: npm run hostile [-- OPTIONS]
  --only PATTERN   only attacks whose name matches, as "type-text" or "^http"
  --group GROUP    only attacks of a group: no-password, peer, crypto, http, files or output
  --gate           the subset of the gate, one round each; what fails is measured three times, and Go only where our
                   figures are not within the absolute bars
  --rounds N       the figures are medians of so many runs (default 3)
  --peer DIR       another checkout of weave-mesh as the victim, as for figures of an earlier state
  --json FILE      write all figures as JSON, too
  --list           show the attacks and run nothing
  --no-go          leave out the Go peer: only the absolute bars count`;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    group: { type: "string" },
    gate: { type: "boolean", default: false },
    rounds: { type: "string", default: "3" },
    peer: { type: "string", default: root },
    json: { type: "string" },
    list: { type: "boolean", default: false },
    "no-go": { type: "boolean", default: false },
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
  const only = values.only === undefined ? undefined : new RegExp(values.only);
  const entries = (await catalogue()).filter(
    ({ name, attack, gate }) =>
      (only === undefined || only.test(name)) &&
      (values.group === undefined || attack.group === values.group) &&
      (!values.gate || gate),
  );
  if (values.list) {
    for (const { name, attack } of entries)
      console.log(`${attack.group.padEnd(11)} ${name}: ${attack.title}`);
    return 0;
  }
  const rounds = Number(values.rounds);
  if (!(rounds >= 1)) throw new Error(`--rounds must be a positive number, not "${values.rounds}"`);
  if (entries.length === 0) throw new Error("no attack matches");
  const programs = await buildPrograms(values.peer);
  const results: Result[] = [];
  for (const entry of entries) {
    const result = await attempt(programs, entry, values.gate ? 1 : rounds);
    const again = values.gate && result.problems.length > 0;
    results.push(again ? await attempt(programs, entry, 3) : result);
    console.log(line(results.at(-1)!));
    if (values.json !== undefined) await writeJson(values.json, results, { rounds, checkout: values.peer });
  }
  console.log(`\n${table(results)}\n`);
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  console.log(`${results.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Measures an attack. One that could not be measured has failed, and the others go on. */
async function attempt(programs: Programs, entry: Entry, rounds: number): Promise<Result> {
  try {
    return await measure(programs, entry, rounds);
  } catch (error) {
    const problem = `not measured: ${error instanceof Error ? error.message : error}`;
    return { ...nothing(entry), problems: [problem] };
  }
}

function nothing({ name, attack }: Entry): Omit<Result, "problems"> {
  return { name, attack, ours: undefined, go: undefined, controlGapMs: undefined, command: undefined };
}

async function measure(programs: Programs, entry: Entry, rounds: number): Promise<Result> {
  const { attack } = entry;
  if (isCommandAttack(attack)) {
    const runs: CommandFigures[] = [];
    for (let round = 0; round < rounds; round++) runs.push(await runCommand(programs, attack, entry.variant));
    const middle = [...runs].sort((a, b) => a.cpuSeconds - b.cpuSeconds)[runs.length >> 1];
    return {
      ...nothing(entry),
      command: middle,
      problems: judgeCommand(barsOf(attack, entry.variant), runs),
    };
  }
  const checks = new Set<string>();
  const runAll = async (language: "go" | "ts", control: boolean) => {
    const runs: NetworkFigures[] = [];
    for (let round = 0; round < rounds; round++) {
      const run: NetworkRun = {
        attack,
        name: entry.file,
        variant: entry.variant,
        language,
        control,
        brief: values.gate,
      };
      const figures = await runNetwork(programs, run);
      runs.push(figures);
      const { notes, output } = figures;
      const problem = control
        ? undefined
        : attack.check?.({ language, notes, output }, attack.variants?.[entry.variant]);
      if (problem !== undefined) checks.add(language === "ts" ? problem : `Go: ${problem}`);
    }
    return runs;
  };
  const bars = barsOf(attack, entry.variant);
  const ourRuns = await runAll("ts", false);
  const withoutControl = summarise(ourRuns, 0);
  const isWithinAbsoluteBars = judge(bars, withoutControl, undefined).length === 0;
  const needsGo = attack.onlyOurs !== true && !values["no-go"] && !(values.gate && isWithinAbsoluteBars);
  const needsControl = !((values.gate || values["no-go"]) && isWithinAbsoluteBars);
  const controlGapMs = needsControl ? median((await runAll("ts", true)).map(({ gapMs }) => gapMs)) : 0;
  const go = needsGo ? summarise(await runAll("go", false), controlGapMs) : undefined;
  const ours = summarise(ourRuns, controlGapMs);
  const problems = [...judge(bars, ours, go), ...checks];
  return { ...nothing(entry), ours, go, controlGapMs, problems };
}
