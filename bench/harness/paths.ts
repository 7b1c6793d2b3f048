import { join } from "node:path";

/** The folder of the benchmarks. */
export const benchFolder = join(import.meta.dirname, "..");
/** The repository's root. */
export const root = join(benchFolder, "..");
/** Where everything that the benchmarks make goes; git ignores it. */
export const buildFolder = join(benchFolder, ".build");
