import { dirname, join } from "node:path";

/** The folder of the interop suite. */
export const interopFolder = dirname(import.meta.dirname);
/** The repository's root. */
export const root = dirname(interopFolder);
/** The folder of everything that the suite builds and writes; git ignores it. */
export const buildFolder = join(interopFolder, ".build");
