import { readFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import type { Result } from "./measurements.ts";

/** What the figures were measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly go: string;
  readonly date: string;
  /** Processes waiting for a core when the measurement began: above 1, somebody else is using the machine. */
  readonly load: number;
}

/** Describes this machine. `go` is what `go version` prints. */
export function describeMachine(go: string): Machine {
  return {
    processor: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: readFileSync("/proc/sys/kernel/osrelease", "utf8").trim(),
    node: process.version,
    go,
    date: new Date().toISOString(),
    load: loadavg()[0]!,
  };
}

export const tableHead = [
  "|   | row | unit | TypeScript | Go | ratio | bar | others |",
  "|---|-----|------|-----------:|---:|------:|----:|--------|",
].join("\n");

/** One line of the table, in Markdown. */
export function tableLine(result: Result): string {
  const { id, row, unit, medians, spreads, ratio, bar, absoluteBar, better, met } = result;
  const figure = (side: string): string =>
    medians[side] === undefined ? "" : `${short(medians[side])} ±${Math.round(spreads[side]! * 50)}%`;
  const others = Object.keys(medians).filter((side) => side !== "ts" && side !== "go");
  const sign = better === "higher" ? "≥" : "≤";
  const limit = bar ?? absoluteBar;
  const cells = [
    id,
    row,
    unit,
    figure("ts"),
    figure("go"),
    ratio === undefined ? "" : ratio.toFixed(2),
    limit === undefined ? "" : `${sign} ${limit}${met === undefined ? "" : met ? " ✓" : " ✗"}`,
    others.map((side) => `${side} ${figure(side)}`).join(", "),
  ];
  return `| ${cells.join(" | ")} |`;
}

function short(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(2);
}
