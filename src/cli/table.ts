import { escapeText } from "../go-text/index.ts";

/** The widest column. Longer cells overflow it, so that one long cell does not widen every row. */
const maxColumnWidth = 80;

/**
 * Lays out rows in columns as wide as their widest cell (at most 80 characters), with two blanks between them and a heading
 * above. Cells are escaped and cut at 1 KiB, so that a peer's nickname cannot steer the reader's terminal.
 */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heading, ...rows.map((row) => row.map((cell) => escapeText(cell)))];
  const widths = heading.map(() => 0);
  for (const line of lines) {
    for (const column of widths.keys()) {
      const wide = width(line[column] ?? "");
      if (wide > widths[column]!) widths[column] = Math.min(wide, maxColumnWidth);
    }
  }
  return lines
    .map((line) => line.map((cell, column) => cell + padding(widths[column]! - width(cell))).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

function padding(missing: number): string {
  return " ".repeat(Math.max(0, missing));
}

function width(text: string): number {
  return [...text].length;
}
