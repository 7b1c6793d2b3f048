import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Flavour } from "./scenario.ts";

const run = promisify(execFile);
const interop = dirname(dirname(fileURLToPath(import.meta.url)));
const goModule = join(interop, "go-peer");

/** The repository's root. */
export const root = dirname(interop);
/** Where everything that the suite makes goes; git ignores it. */
export const buildFolder = join(interop, ".build");

const tags: Record<Flavour, string[]> = {
  mac: [],
  hash: ["-tags", "peer_name_alternative peer_name_hash"],
};

/** A Go program of the suite; `go-peer-v1` is the peer over the original with its highest version set to 1. */
export type GoProgram = "go-peer" | "go-peer-v1" | "original-counter";

/** Where a Go program's binary is. */
export function goBinary(program: GoProgram, flavour: Flavour): string {
  return join(buildFolder, `${program}-${flavour}`);
}

/** Builds a Go program; Go's own cache makes a second build quick. @throws Error with the compiler's output. */
export async function buildGo(program: GoProgram, flavour: Flavour): Promise<void> {
  await mkdir(buildFolder, { recursive: true });
  const target =
    program === "original-counter" ? "github.com/weaveworks/mesh/examples/increment-only-counter" : ".";
  const modfile = program === "go-peer-v1" ? [`-modfile=${await versionOneModule()}`] : [];
  const output = goBinary(program, flavour);
  await go(["build", ...modfile, ...tags[flavour], "-o", output, target]);
}

/** A copy of the pinned original in the build folder that speaks version 1 only, and a go.mod that uses it. */
async function versionOneModule(): Promise<string> {
  const folder = join(buildFolder, "mesh-v1");
  const modfile = join(buildFolder, "v1.mod");
  await go(["mod", "download"]);
  const original = await go(["list", "-m", "-f", "{{.Dir}}", "github.com/weaveworks/mesh"]);
  await rm(folder, { recursive: true, force: true });
  await run("cp", ["-r", original, folder]);
  await run("chmod", ["-R", "u+w", folder]);
  const protocol = join(folder, "protocol.go");
  const source = await readFile(protocol, "utf8");
  const changed = source.replace("ProtocolMaxVersion = 2", "ProtocolMaxVersion = 1");
  if (changed === source) throw new Error("the original's ProtocolMaxVersion was not found");
  await writeFile(protocol, changed);
  const goMod = await readFile(join(goModule, "go.mod"), "utf8");
  await writeFile(modfile, `${goMod}\nreplace github.com/weaveworks/mesh => ${folder}\n`);
  await writeFile(join(buildFolder, "v1.sum"), await readFile(join(goModule, "go.sum")));
  return modfile;
}

async function go(parameters: readonly string[]): Promise<string> {
  const { stdout } = await run("go", parameters, {
    cwd: goModule,
    env: { ...process.env, CGO_ENABLED: "0" },
  });
  return stdout.trim();
}

/**
 * Compiles the package into dist/ and the TypeScript peer into the build folder: a plain script starts in a
 * third of the time that a loader needs, and the peer imports the package by its name, as a user does.
 */
export async function buildTypeScript(): Promise<void> {
  const tsc = join(root, "node_modules", ".bin", "tsc");
  await compile(tsc, join(root, "tsconfig.build.json"));
  await compile(tsc, join(interop, "tsconfig.peer.json"));
}

async function compile(tsc: string, project: string): Promise<void> {
  try {
    await run(tsc, ["-p", project], { cwd: root });
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    throw new Error(`${project} does not compile:\n${stdout}`, { cause: error });
  }
}
