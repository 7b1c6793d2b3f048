import { join } from "node:path";
import { buildFolder } from "../driver/paths.ts";

/** The folder of the Docker scripts. */
export const dockerFolder = import.meta.dirname;

/** Where the Docker scripts make things; git ignores it. */
export const dockerBuildFolder = join(buildFolder, "docker");
