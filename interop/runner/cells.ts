import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Cast, type Cell, cellText, type Flavour, type Scenario } from "./scenario.ts";

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "scenarios");

const mixed: readonly Cast[] = [
  { A: "go", B: "ts" },
  { A: "ts", B: "go" },
];

/** Which cells of which scenarios to run. */
export interface Selection {
  /** Every cast in both flavours; else each mixed cast once, the flavours taking turns. */
  all: boolean;
  /** Matched anywhere in a cell's name. */
  only: RegExp | undefined;
  flavour: Flavour | undefined;
  /** As `castText` writes it: the way to run a scenario with Go peers alone (go-go). */
  cast: string | undefined;
}

/** Loads the scenario files and lays out the cells to run, in the files' order. */
export async function selectCells(selection: Selection): Promise<Cell[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts")).sort();
  const cells: Cell[] = [];
  for (const file of files) {
    const { default: definition } = (await import(pathToFileURL(join(folder, file)).href)) as {
      default: Scenario;
    };
    cells.push(...layOut(basename(file, ".ts"), definition, selection));
  }
  const { only } = selection;
  return only === undefined ? cells : cells.filter((cell) => only.test(cellText(cell)));
}

function layOut(scenario: string, definition: Scenario, selection: Selection): Cell[] {
  const casts = selection.cast === undefined ? (definition.casts ?? mixed) : [parseCast(selection.cast)];
  const cells: Cell[] = [];
  for (const variant of Object.keys(definition.variants ?? { "": undefined })) {
    for (const [turn, cast] of casts.entries()) {
      for (const flavour of flavours(definition, selection, turn)) {
        cells.push({ scenario, variant, cast, flavour, definition });
      }
    }
  }
  return cells;
}

function flavours(definition: Scenario, selection: Selection, turn: number): readonly Flavour[] {
  if (selection.flavour !== undefined) return [selection.flavour];
  if (selection.all || definition.bothFlavours === true) return ["mac", "hash"];
  return [turn % 2 === 0 ? "mac" : "hash"];
}

function parseCast(text: string): Cast {
  const [A, B] = text.split("-");
  if ((A !== "go" && A !== "ts") || (B !== "go" && B !== "ts")) throw new Error(`${text} is not a cast`);
  return { A, B };
}
