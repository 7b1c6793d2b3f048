import type { Flavour, Generation, GoProgram } from "../driver/go-build.ts";
import { isGoOnly, languageOf, type MeshSpec } from "./mesh-spec.ts";
import { goProgramOf } from "./programs.ts";
import type { Cell } from "./scenario.ts";

/** The Go programs that these cells run, with their flavours and generations, each once. */
export function goProgramsOf(cells: readonly Cell[]): [GoProgram, Flavour, Generation][] {
  const found = new Map<string, [GoProgram, Flavour, Generation]>();
  for (const cell of cells) {
    const mesh = specOf(cell);
    for (const spec of Object.values(mesh.peers)) {
      const cast = { language: languageOf(spec, cell), goOnly: isGoOnly(cell, mesh) };
      const program = goProgramOf(spec, mesh, cast);
      if (program === undefined) continue;
      const generation = spec.generation ?? cell.generation;
      found.set(`${program} ${cell.flavour} ${generation}`, [program, cell.flavour, generation]);
    }
  }
  return [...found.values()];
}

/** Whether any peer of these cells is ours. */
export function usesTypeScript(cells: readonly Cell[]): boolean {
  return cells.some((cell) => !isGoOnly(cell, specOf(cell)));
}

/** Who is in the mesh of a cell. */
export function specOf(cell: Cell): MeshSpec {
  return cell.definition.mesh(cell.definition.variants?.[cell.variant]);
}
