import { fileURLToPath } from "node:url";

/** The package's folder, as seen from src/cli and from dist/cli, in which all chunks of the bundled command lie. */
export const packageFolder: string = fileURLToPath(new URL("../../", import.meta.url));
