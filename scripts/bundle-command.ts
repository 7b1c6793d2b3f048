import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Bundles the command into `cli/` of a folder that the compiler has filled, in place of the compiler's files there. Loading
 * 170 modules one by one takes longer than starting Node does. A chunk holds what several commands share,
 * and each command is loaded when it is asked for.
 *
 * Only the command: what users import stays the compiler's, one file for each module, so that a class is the same
 * class through whichever subpath it comes. tweetnacl is bundled, too, as loading it by itself takes a third of the time of
 * starting Node. sodium-native cannot be, as its code is native; it is loaded when first needed.
 */
export async function bundleCommand(dist: string): Promise<void> {
  const outdir = join(dist, "cli");
  await rm(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: ["src/cli/main.ts"],
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external: ["sodium-native"],
    sourcemap: true,
    sourcesContent: false,
    // tweetnacl asks for node:crypto with require, which modules do not have.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundleCommand(resolve(process.argv[2] ?? join(root, "dist")));
}
