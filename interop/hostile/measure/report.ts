import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Result, Summary } from "./figures.ts";

/** The line of an attack that has just been measured. */
export function line(result: Result): string {
  const mark = result.problems.length === 0 ? "ok  " : "FAIL";
  return [`${mark} ${result.name}`, ...result.problems.map((problem) => `     ${problem}`)].join("\n");
}

const heads = [
  "attack",
  "gap ms",
  "Go ms",
  "ratio",
  "loop ms",
  "CPU s",
  "Go s",
  "MiB",
  "Go MiB",
  "honest",
  "newcomer ms",
  "Go ms",
  "",
];

/** The table at the end, a row for each attack. Go's figures stand beside ours. */
export function table(results: readonly Result[]): string {
  const rows = [heads, ...results.map(row)];
  const widths = heads.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  return rows
    .map((cells) =>
      cells
        .map((text, column) => (column === 0 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function row({ name, ours, go, command, problems }: Result): string[] {
  const verdict = problems.length === 0 ? "ok" : "FAIL";
  if (command !== undefined) {
    const wall = `${command.timedOut ? ">" : ""}${whole(command.seconds * 1000)}`;
    const figures = [wall, "", "", "", command.cpuSeconds.toFixed(2), "", whole(command.grownMiB)];
    return [name, ...figures, "", "", "", "", verdict];
  }
  const ratio = ours !== undefined && go !== undefined ? (ours.gapMs / Math.max(go.gapMs, 1)).toFixed(1) : "";
  return [
    ...[name, gap(ours), gap(go), ratio, whole(ours?.loopDelayMs)],
    ...[ours?.cpuSeconds.toFixed(2) ?? "", go?.cpuSeconds.toFixed(2) ?? ""],
    ...[whole(ours?.grownMiB), whole(go?.grownMiB), honest(ours)],
    ...[whole(ours?.newcomerMs), whole(go?.newcomerMs), verdict],
  ];
}

function gap(summary: Summary | undefined): string {
  if (summary === undefined) return "";
  return `${summary.unanswered ? ">" : ""}${whole(summary.gapMs)}`;
}

function honest(summary: Summary | undefined): string {
  if (summary === undefined) return "";
  if (summary.victimLost > 0) return "crashed";
  return summary.honestLost > 0 ? "lost" : "alive";
}

function whole(figure: number | undefined): string {
  return figure === undefined ? "" : `${Math.round(figure)}`;
}

/** Writes the results as JSON. */
export async function writeJson(file: string, results: readonly Result[], more: object): Promise<void> {
  const attacks = results.map(({ attack, ...result }) => ({
    ...{
      title: attack.title,
      group: attack.group,
      limits: attack.limits ?? [],
      passed: result.problems.length === 0,
    },
    ...result,
  }));
  await mkdir(dirname(resolve(file)), { recursive: true });
  await writeFile(file, `${JSON.stringify({ ...more, attacks }, null, 2)}\n`);
}
