import { createRequire } from "node:module";

function load(): unknown {
  try {
    return createRequire(import.meta.url)("sodium-native");
  } catch {
    // Not installed, no prebuilt binary for this machine, or built for another Node: tweetnacl does the work.
    return undefined;
  }
}

/** The optional dependency sodium-native, not yet checked; `undefined` where it does not load. */
export const sodiumModule: unknown = load();
