import { execFile } from "node:child_process";
import { cp, mkdir, readdir, realpath, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundleCommand } from "../../scripts/bundle-command.ts";
import { buildFolder, interopFolder, root } from "./paths.ts";

const run = promisify(execFile);
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
  await compilePackage(tree);
  await compile(join(interopFolder, "tsconfig.peer.json"), join(tree, "js"));
  await symlink(join(root, "node_modules"), join(tree, "node_modules"));
  const link = `${lastTree}-${process.pid}`;
  await symlink(tree, link);
  await rename(link, lastTree); // in one step: others may look just now
  return tree;
}

/** Compiles the package as it is published, without its dependencies, into `folder`. @throws Error as `compile` does. */
export async function compilePackage(folder: string): Promise<void> {
  await rm(join(folder, "dist"), { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await compile(join(root, "tsconfig.build.json"), join(folder, "dist"));
  await bundleCommand(join(folder, "dist"));
  await cp(join(root, "package.json"), join(folder, "package.json"));
}

/** Compiles a project into a folder. @throws Error with the compiler's output. */
export async function compile(project: string, folder: string): Promise<void> {
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
