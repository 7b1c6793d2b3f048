import { join } from "node:path";
import { CommandedProcess } from "../driver/commanded-process.ts";
import { buildGo, goBinary } from "../driver/go-build.ts";
import { interopFolder } from "../driver/paths.ts";
import type { Command } from "../driver/peer-process.ts";
import type { Mesh } from "../runner/index.ts";

/** Starts a TypeScript program of this folder that can ask for a collection of its heap. */
export function startTypeScript(
  mesh: Mesh,
  file: string,
  parameters: readonly string[],
): Promise<CommandedProcess> {
  const script = ["--expose-gc", "--import", "tsx", join(interopFolder, "pressure", file)];
  return start(mesh, file, { file: process.execPath, arguments: [...script, ...parameters] });
}

/** Builds and starts a Go peer that is driven over its standard input. */
export async function startGoPeer(
  mesh: Mesh,
  label: string,
  flags: readonly string[],
): Promise<CommandedProcess> {
  await buildGo("go-peer");
  return start(mesh, label, { file: goBinary("go-peer"), arguments: ["--control", "none", ...flags] });
}

async function start(mesh: Mesh, label: string, command: Command): Promise<CommandedProcess> {
  const program = new CommandedProcess(label, command, join(mesh.folder, `${label}.log`));
  await program.ready;
  return program;
}

/** The growth of a program's memory, in MiB. */
export async function measure(program: CommandedProcess): Promise<number> {
  const { grownBytes } = await program.ask<{ grownBytes: number }>("measure");
  return grownBytes / 2 ** 20;
}
