import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Flavour, Generation } from "../driver/go-build.ts";
import type { Cast, Programs, TransportName } from "./mesh-spec.ts";
import { type Cell, cellText, type Scenario } from "./scenario.ts";

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "scenarios");

const mixed: readonly Cast[] = [
  { A: "go", B: "ts" },
  { A: "ts", B: "go" },
];

const bothFlavours: readonly Flavour[] = ["mac", "hash"];
const bothGenerations: readonly Generation[] = ["2019", "2018"];

/** Which cells of which scenarios to run. */
export interface Selection {
  /** Every cast in both flavours and generations; else each mixed cast once, flavours and generations taking turns. */
  all: boolean;
  /** Matched anywhere in a cell's name; what it matches runs whether the gate has it or not. */
  only: RegExp | undefined;
  flavour: Flavour | undefined;
  generation: Generation | undefined;
  transport: TransportName;
  /** As `castText` writes it: the way to run a scenario with Go peers alone (go-go). */
  cast: string | undefined;
  programs: Programs;
}

/** Loads the scenario files and lays out the cells to run, in the files' order. */
export async function selectCells(selection: Selection): Promise<Cell[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts")).sort();
  const cells: Cell[] = [];
  let row = 0;
  for (const file of files) {
    const { default: definition } = (await import(pathToFileURL(join(folder, file)).href)) as {
      default: Scenario;
    };
    if (definition.gate === false && !selection.all && selection.only === undefined) continue;
    if (!(definition.transports ?? ["native", "docker"]).includes(selection.transport)) continue;
    const scenario = basename(file, ".ts");
    for (const variant of Object.keys(definition.variants ?? { "": undefined })) {
      cells.push(...layOut({ scenario, variant, definition }, selection, row++));
    }
  }
  const { only } = selection;
  return only === undefined ? cells : cells.filter((cell) => only.test(cellText(cell)));
}

/**
 * The cells of one row of the table. Where flavours and generations take turns they do so from row to row at
 * different rates, and between the casts of a row, so that four rows have each cast in all combinations.
 */
function layOut(
  row: Pick<Cell, "scenario" | "variant" | "definition">,
  selection: Selection,
  index: number,
): Cell[] {
  const { definition } = row;
  const casts = selection.cast === undefined ? (definition.casts ?? mixed) : [parseCast(selection.cast)];
  const generations = definition.generations ?? bothGenerations;
  const cells: Cell[] = [];
  for (const [turn, cast] of casts.entries()) {
    const everyFlavour = selection.all || definition.bothFlavours === true;
    for (const flavour of choose(
      definition.flavours ?? bothFlavours,
      selection.flavour,
      everyFlavour,
      index + turn,
    )) {
      const rotation = (index >> 1) + turn + (definition.bothFlavours && flavour === "hash" ? 1 : 0);
      for (const generation of choose(generations, selection.generation, selection.all, rotation)) {
        const { programs, transport, all: thorough } = selection;
        cells.push({ ...row, cast, flavour, generation, transport, programs, thorough });
      }
    }
  }
  return cells;
}

/** The one that was asked for, or all, or the one whose turn it is. */
function choose<T>(values: readonly T[], asked: T | undefined, all: boolean, turn: number): readonly T[] {
  if (asked !== undefined) return values.includes(asked) ? [asked] : [];
  return all ? values : [values[turn % values.length]!];
}

function parseCast(text: string): Cast {
  const [A, B] = text.split("-");
  if ((A !== "go" && A !== "ts") || (B !== "go" && B !== "ts")) throw new Error(`${text} is not a cast`);
  return { A, B };
}
