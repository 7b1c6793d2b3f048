import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundleCommand } from "../../scripts/bundle-command.ts";
import { benchFolder, buildFolder, root } from "./paths.ts";

const run = promisify(execFile);
const goModule = join(benchFolder, "go");

/** The Go programs: a peer, a bare neighbour that only shakes hands, and the original's topology by itself. */
export type GoProgram = "peer" | "neighbour" | "topology";

/** Where a Go program's binary is. */
export function goBinary(program: GoProgram): string {
  return join(buildFolder, `go-${program}`);
}

/** The script of a TypeScript program, of the same purpose as the Go program of that name. */
export function tsScript(program: "peer" | "topology" | "sidecar-client"): string {
  return join(buildFolder, "peer", `${program}.js`);
}

/** The built package that is measured. */
export const packageFolder = buildFolder;

/** Builds all that is measured. `keep`: what is there already is taken as it is. @throws Error with the compilers' output. */
export async function buildAll(options: { keep: boolean }): Promise<void> {
  await mkdir(buildFolder, { recursive: true });
  if (options.keep) return;
  await buildPackage();
  await go(["build", "-o", goBinary("peer"), "./peer"]);
  await go(["build", "-o", goBinary("neighbour"), "./neighbour"]);
  await go(["build", `-modfile=${await openedModule()}`, "-o", goBinary("topology"), "./topology"]);
}

/**
 * The package, compiled into the build folder with a package.json of its own: a build of the repository beside a
 * measurement does not change what is measured, and the programs import the package by its name, as users do.
 */
async function buildPackage(): Promise<void> {
  const tsc = join(root, "node_modules", ".bin", "tsc");
  await rm(join(buildFolder, "dist"), { recursive: true, force: true });
  await compile(tsc, ["-p", join(root, "tsconfig.build.json"), "--outDir", join(buildFolder, "dist")]);
  await bundleCommand(join(buildFolder, "dist"));
  await compile(tsc, ["-p", join(benchFolder, "tsconfig.peer.json")]);
  await copyFile(join(root, "package.json"), join(buildFolder, "package.json"));
}

async function compile(tsc: string, parameters: string[]): Promise<void> {
  try {
    await run(tsc, parameters, { cwd: root });
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    throw new Error(`tsc ${parameters.join(" ")}:\n${stdout}`, { cause: error });
  }
}

/**
 * A copy of the pinned original in the build folder with one file of ours in it, which opens to a program outside what
 * is measured by itself (peers, routes), and a go.mod that uses the copy. Only the topology program is built over it.
 */
async function openedModule(): Promise<string> {
  const folder = join(buildFolder, "mesh");
  const modfile = join(buildFolder, "opened.mod");
  await go(["mod", "download"]);
  const original = await go(["list", "-m", "-f", "{{.Dir}}", "github.com/weaveworks/mesh"]);
  await rm(folder, { recursive: true, force: true });
  await run("cp", ["-r", original, folder]);
  await run("chmod", ["-R", "u+w", folder]);
  await copyFile(join(goModule, "opened.go.txt"), join(folder, "opened.go"));
  const goMod = await readFile(join(goModule, "go.mod"), "utf8");
  await writeFile(modfile, `${goMod}\nreplace github.com/weaveworks/mesh => ${folder}\n`);
  await copyFile(join(goModule, "go.sum"), join(buildFolder, "opened.sum"));
  return modfile;
}

/** Runs the Go command in our module. */
async function go(parameters: readonly string[]): Promise<string> {
  const { stdout } = await run("go", parameters, {
    cwd: goModule,
    env: { ...process.env, CGO_ENABLED: "0" },
  });
  return stdout.trim();
}
