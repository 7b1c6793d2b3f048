import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { CellResult } from "./run-cell.ts";
import { castText, cellText } from "./scenario.ts";

/** The live line of a cell that has just ended. */
export function line(result: CellResult): string {
  const mark = result.passed ? "ok  " : "FAIL";
  const text = `${mark} ${cellText(result.cell)} ${result.seconds.toFixed(1)} s`;
  if (result.passed) return text;
  return `${text}\n     ${result.error?.replaceAll("\n", "\n     ")}\n     logs: ${result.logs}`;
}

/**
 * The table at the end: a row for each scenario and variant, a column for each cast, flavour and generation, and below
 * them how many of each column passed.
 */
export function table(results: readonly CellResult[]): string {
  const columns = [...new Set(results.map(columnOf))].sort();
  const rows = groupBy(results, rowOf);
  const cells = [...rows].map(([row, own]) => [
    row,
    ...columns.map((column) =>
      own
        .filter((result) => columnOf(result) === column)
        .map((result) => `${result.passed ? "pass" : "FAIL"} ${result.seconds.toFixed(1)} s`)
        .join(" "),
    ),
  ]);
  const counts = columns.map((column) => {
    const own = results.filter((result) => columnOf(result) === column);
    return `${own.filter(({ passed }) => passed).length} of ${own.length}`;
  });
  const all = [["scenario", ...columns], ...cells, ["passed", ...counts]];
  const widths = all[0]!.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  return all
    .map((row) =>
      row
        .map((text, i) => text.padEnd(widths[i]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function rowOf({ cell }: CellResult): string {
  return cell.variant === "" ? cell.scenario : `${cell.scenario} ${cell.variant}`;
}

function columnOf({ cell }: CellResult): string {
  return `${castText(cell.cast)} ${cell.flavour} ${cell.generation}${cell.transport === "docker" ? " docker" : ""}`;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** Writes the run as JSON, for other programs. */
export async function writeReport(file: string, seed: string, results: readonly CellResult[], more: object) {
  const cells = results.map(({ cell, passed, seconds, error, logs }) => ({
    ...{ scenario: cell.scenario, title: cell.definition.title, variant: cell.variant },
    ...{
      cast: castText(cell.cast),
      flavour: cell.flavour,
      generation: cell.generation,
      passed,
      seconds,
      error,
      logs,
    },
  }));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify({ seed, cells, ...more }, null, 2)}\n`);
}
