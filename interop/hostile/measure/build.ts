import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rm, symlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { buildGo, goBinary } from "../../driver/go-build.ts";
import { buildFolder, root } from "../../driver/paths.ts";

const run = promisify(execFile);
const hostile = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folder for everything that the suite makes. */
export const hostileFolder = join(buildFolder, "hostile");

/** Where the programs of a run are. */
export interface Programs {
  /** The suite's own processes and the attacks, one file each. */
  scripts: string;
  /** The driven peer over the checkout under attack. */
  tsPeer: string;
  /** The `weave-mesh` command of the checkout under attack. */
  command: string;
  goPeer: string;
  /** The checkout under attack. */
  checkout: string;
}

/** Builds everything. `checkout` is the root of the weave-mesh under attack. @throws Error with the compiler's output. */
export async function buildPrograms(checkout: string): Promise<Programs> {
  await mkdir(hostileFolder, { recursive: true });
  const scripts = join(hostileFolder, `scripts-${process.pid}`);
  await removeOldBuilds();
  await bundleScripts(scripts);
  const tree = await buildCheckout(resolve(checkout));
  await buildGo("go-peer", "mac");
  return {
    ...{ scripts, checkout: resolve(checkout), goPeer: goBinary("go-peer", "mac") },
    ...{ tsPeer: join(tree, "ts-peer.js"), command: join(tree, "dist", "cli", "main.js") },
  };
}

/** Removes what runs built that have ended. */
async function removeOldBuilds(): Promise<void> {
  for (const entry of await readdir(hostileFolder)) {
    const pid = /^(?:scripts|tree)-(\d+)$/.exec(entry)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) {
      await rm(join(hostileFolder, entry), { recursive: true, force: true });
    }
  }
}

/** A plain script starts in a third of the time that a loader needs, and processes start by the hundred. */
async function bundleScripts(folder: string): Promise<void> {
  const files = async (name: string) =>
    (await readdir(join(hostile, name)))
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(hostile, name, file));
  await build({
    entryPoints: [...(await files("processes")), ...(await files("attacks"))],
    outdir: folder,
    outbase: hostile,
    ...bundleOptions,
    splitting: true,
    external: ["sodium-native"],
  });
}

const bundleOptions = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  logLevel: "error",
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
} as const;

/**
 * Compiles a checkout of the package, with our driven peer over it. An older checkout has an older driven peer; with
 * ours the figures of both differ by the package alone.
 *
 * @returns the folder, with `dist` and `ts-peer.js`.
 */
async function buildCheckout(checkout: string): Promise<string> {
  const tree = join(hostileFolder, `tree-${process.pid}`);
  await mkdir(tree, { recursive: true });
  await cp(join(checkout, "package.json"), join(tree, "package.json"));
  await symlink(join(checkout, "node_modules"), join(tree, "node_modules"));
  const dist = join(tree, "dist");
  try {
    const tsc = join(checkout, "node_modules", ".bin", "tsc");
    await run(tsc, ["-p", "tsconfig.build.json", "--outDir", dist], { cwd: checkout });
  } catch (error) {
    throw new Error(`${checkout} does not compile:\n${(error as { stdout?: string }).stdout}`, {
      cause: error,
    });
  }
  await run(process.execPath, ["--import", "tsx", join(checkout, "scripts", "bundle-command.ts"), dist], {
    cwd: checkout,
  });
  await build({
    entryPoints: [join(root, "interop", "ts-peer.ts")],
    outfile: join(tree, "ts-peer.js"),
    ...bundleOptions,
    banner: {},
    external: ["weave-mesh", "weave-mesh/*"],
    tsconfigRaw: {}, // without the paths that lead to our own sources
  });
  return tree;
}
