import { join } from "node:path";
import { buildGo } from "../../interop/driver/go-build.ts";
import { compile, compilePackage } from "../../interop/driver/package-build.ts";
import { benchFolder, buildFolder } from "./paths.ts";

/** The path of a compiled TypeScript program of bench/peer. */
export function tsScript(program: "peer" | "topology" | "sidecar-client"): string {
  return join(buildFolder, "js", "bench", "peer", `${program}.js`);
}

/** The built package that is measured. */
export const packageFolder = buildFolder;

/**
 * Builds all that is measured: the Go programs; and the package with a package.json of its own, so that a build of the
 * repository beside a measurement does not change what is measured, and the programs import the package by its name, as
 * users do. `keep`: what was built before is taken as it is. @throws Error with the compilers' output.
 */
export async function buildAll(options: { keep: boolean }): Promise<void> {
  if (options.keep) return;
  await compilePackage(buildFolder);
  await compile(join(benchFolder, "tsconfig.peer.json"), join(buildFolder, "js"));
  for (const program of ["go-peer", "neighbour", "topology"] as const) await buildGo(program);
}
