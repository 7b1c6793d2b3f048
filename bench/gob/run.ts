/**
 * Times gob against Go's own, and against JSON in this engine:
 *
 *     tsx bench/gob/run.ts [--seconds S] [--rounds N] [--go COMMAND] [--rows a,b]
 *
 * In each of N rounds (default 5) Go and ours take turns, row by row, each in a new process; both warm up for
 * S seconds (default 0.5) for each direction and are measured for as long, and each decoded value is read whole
 * inside the timing.
 * Medians; a ratio is the median of the rounds' ratios, and 2 is twice Go's speed.
 * Without Go only our own times are printed.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildSync } from "esbuild";
import { rows } from "./rows.ts";
import type { RowTimes } from "./time-row.ts";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string" },
    go: { type: "string" },
    rows: { type: "string" },
    rounds: { type: "string" },
  },
});
const seconds = Number(options.seconds ?? "0.5");
const rounds = Number(options.rounds ?? "5");

type GoTimes = Pick<RowTimes, "encode" | "decode" | "bytes">;

/** Builds the Go program; undefined where there is no Go. */
function buildGo(folder: string): string | undefined {
  const program = join(folder, "gobbench");
  try {
    execFileSync(options.go ?? "go", ["build", "-o", program, "./timing"], {
      cwd: join(import.meta.dirname, "..", "..", "interop", "gob"),
      stdio: "pipe",
    });
    return program;
  } catch (error) {
    console.error(`no Go to compare with: ${String(error)}`);
    return undefined;
  }
}

/** Go's times of one row, taken just before ours so that both meet the same machine. */
function timeGo(program: string, row: string): GoTimes {
  return JSON.parse(execFileSync(program, [String(seconds), String(seconds), row]).toString()) as GoTimes;
}

/** Compiled as users get it: what runs TypeScript directly wraps functions, which takes time of its own. */
function buildOurs(folder: string): string {
  const program = join(folder, "time-row.mjs");
  buildSync({
    entryPoints: [join(import.meta.dirname, "time-row.ts")],
    outfile: program,
    bundle: true,
    format: "esm",
    platform: "node",
  });
  return program;
}

function timeOurs(program: string, row: string): RowTimes {
  const output = execFileSync(process.execPath, [program, String(seconds), row]);
  return JSON.parse(output.toString()) as RowTimes;
}

function us(ns: number): string {
  return (ns / 1000).toFixed(ns < 100_000 ? 2 : 0).padStart(9);
}

const wanted = options.rows?.split(",");
function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

const scratch = mkdtempSync(join(tmpdir(), "gobbench-"));
const goProgram = buildGo(scratch);
const ourProgram = buildOurs(scratch);
console.log("row       direction    ours µs      Go µs   to Go    JSON µs  to JSON");
for (const { name } of rows()) {
  if (wanted !== undefined && !wanted.includes(name)) continue;
  const samples = Array.from({ length: rounds }, () => {
    const go = goProgram === undefined ? undefined : timeGo(goProgram, name);
    const ours = timeOurs(ourProgram, name);
    // Go's ids start one lower here, and its maps have another order; else the bytes are the same.
    if (go !== undefined && Math.abs(go.bytes - ours.bytes) > 16) {
      throw new Error(`${name}: ${ours.bytes} bytes, Go has ${go.bytes}`);
    }
    return {
      encode: { ours: ours.encode, go: go?.encode, json: ours.toJson },
      decode: { ours: ours.decode, go: go?.decode, json: ours.fromJson },
    };
  });
  for (const direction of ["encode", "decode"] as const) {
    const times = samples.map((sample) => sample[direction]);
    const theirs = times.flatMap(({ go }) => go ?? []);
    const toGo = theirs.length === 0 ? "-" : middle(times.map(({ ours, go }) => go! / ours)).toFixed(2);
    const toJsonRatio = middle(times.map(({ ours, json }) => json / ours)).toFixed(2);
    const columns = [
      us(middle(times.map(({ ours }) => ours))),
      theirs.length === 0 ? "-".padStart(9) : us(middle(theirs)),
      toGo.padStart(6),
      us(middle(times.map(({ json }) => json))),
      toJsonRatio.padStart(7),
    ];
    console.log(`${name.padEnd(9)} ${direction}    ${columns.join("  ")}`);
  }
}
rmSync(scratch, { recursive: true });
