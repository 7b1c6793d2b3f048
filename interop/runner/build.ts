import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bundleCommand } from "../../scripts/bundle-command.ts";
import { fetchOriginal2018 } from "./original-2018.ts";
import type { Flavour, Generation } from "./scenario.ts";

const run = promisify(execFile);
const interop = dirname(dirname(fileURLToPath(import.meta.url)));
const goModule = join(interop, "go-peer");

/** The repository's root. */
export const root = dirname(interop);
/** Where everything that the suite makes goes; git ignores it. */
export const buildFolder = join(interop, ".build");

const flavourTags: Record<Flavour, string> = { mac: "", hash: "peer_name_alternative peer_name_hash" };
const generationTags: Record<Generation, string> = { "2018": "mesh2018", "2019": "" };

/** A Go program of the suite; `go-peer-v1` is the peer over the original with its highest version set to 1. */
export type GoProgram = "go-peer" | "go-peer-v1" | "original-counter";

/** Where a Go program's binary is. */
export function goBinary(program: GoProgram, flavour: Flavour, generation: Generation = "2019"): string {
  return join(buildFolder, [program, ...(generation === "2018" ? [generation] : []), flavour].join("-"));
}

/** Builds a Go program; Go's own cache makes a second build quick. @throws Error with the compiler's output. */
export async function buildGo(
  program: GoProgram,
  flavour: Flavour,
  generation: Generation = "2019",
): Promise<void> {
  await mkdir(buildFolder, { recursive: true });
  const target =
    program === "original-counter" ? "github.com/weaveworks/mesh/examples/increment-only-counter" : ".";
  const modfile = await modfileOf(program === "go-peer-v1" ? 1 : 2, generation);
  const tags = `${flavourTags[flavour]} ${generationTags[generation]}`.trim();
  const output = goBinary(program, flavour, generation);
  await go(["build", ...modfile, "-tags", tags, "-o", output, target]);
}

/** The go.mod of a generation and a highest protocol version, as an argument; none for the module's own. */
async function modfileOf(highest: 1 | 2, generation: Generation): Promise<string[]> {
  if (highest === 2 && generation === "2019") return [];
  const original = await sourceOf(generation);
  const source = highest === 1 ? await versionOneCopy(original, generation) : original;
  const file = join(buildFolder, `go-peer-${generation}-v${highest}.mod`);
  if (!existsSync(join(source, "go.mod"))) {
    await writeFile(join(source, "go.mod"), "module github.com/weaveworks/mesh\n"); // older than modules
  }
  const goMod = await readFile(join(goModule, "go.mod"), "utf8");
  await writeFile(file, `${goMod}\nreplace github.com/weaveworks/mesh => ${source}\n`);
  await writeFile(file.replace(/mod$/, "sum"), await readFile(join(goModule, "go.sum")));
  return [`-modfile=${file}`];
}

async function sourceOf(generation: Generation): Promise<string> {
  if (generation === "2018") {
    const folder = join(buildFolder, "mesh-2018");
    await fetchOriginal2018(folder);
    return folder;
  }
  await go(["mod", "download"]);
  return go(["list", "-m", "-f", "{{.Dir}}", "github.com/weaveworks/mesh"]);
}

/** A copy of an original in the build folder that speaks version 1 only. */
async function versionOneCopy(original: string, generation: Generation): Promise<string> {
  const folder = join(buildFolder, `mesh-${generation}-v1`);
  await rm(folder, { recursive: true, force: true });
  await run("cp", ["-r", original, folder]);
  await run("chmod", ["-R", "u+w", folder]);
  const protocol = join(folder, "protocol.go");
  const source = await readFile(protocol, "utf8");
  const changed = source.replace("ProtocolMaxVersion = 2", "ProtocolMaxVersion = 1");
  if (changed === source) throw new Error("the original's ProtocolMaxVersion was not found");
  await writeFile(protocol, changed);
  return folder;
}

async function go(parameters: readonly string[]): Promise<string> {
  const { stdout } = await run("go", parameters, {
    cwd: goModule,
    env: { ...process.env, CGO_ENABLED: "0" },
  });
  return stdout.trim();
}

const trees = join(buildFolder, "trees");

/** The script of the TypeScript peer in a tree that `buildTypeScript` has made. */
export function typeScriptPeer(tree: string): string {
  return join(tree, "js", "ts-peer.js");
}

/** The file of the `weave-mesh` command in such a tree. */
export function commandLine(tree: string): string {
  return join(tree, "dist", "cli", "main.js");
}

/** The tree that was compiled last. */
export const lastTree = join(trees, "last");

/**
 * Compiles the package and the TypeScript peer into a tree of this process alone, so that nobody who builds
 * meanwhile changes what is under test. A plain script starts in a third of the time that a loader needs, and the
 * peer imports the package by its name, as a user does. @returns the tree's folder. @throws Error with what the
 * compiler says.
 */
export async function buildTypeScript(): Promise<string> {
  const tree = join(trees, String(process.pid));
  await rm(tree, { recursive: true, force: true });
  await mkdir(tree, { recursive: true });
  await compile(join(root, "tsconfig.build.json"), join(tree, "dist"));
  await bundleCommand(join(tree, "dist"));
  await compile(join(interop, "tsconfig.peer.json"), join(tree, "js"));
  await cp(join(root, "package.json"), join(tree, "package.json"));
  await symlink(join(root, "node_modules"), join(tree, "node_modules"));
  const link = `${lastTree}-${process.pid}`;
  await symlink(tree, link);
  await rename(link, lastTree); // in one step: others may look just now
  return tree;
}

async function compile(project: string, folder: string): Promise<void> {
  try {
    const tsc = join(root, "node_modules", ".bin", "tsc");
    await run(tsc, ["-p", project, "--outDir", folder], { cwd: root });
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    throw new Error(`${project} does not compile:\n${stdout}`, { cause: error });
  }
}

/** Removes the trees of processes that run no more, but for the last. */
export async function removeOldTrees(isRunning: (pid: number) => boolean): Promise<void> {
  await mkdir(trees, { recursive: true });
  const last = await realpath(lastTree).catch(() => "");
  for (const entry of await readdir(trees)) {
    const tree = join(trees, entry);
    if (!/^\d+$/.test(entry) || tree === last || isRunning(Number(entry))) continue;
    await rm(tree, { recursive: true, force: true });
  }
}
