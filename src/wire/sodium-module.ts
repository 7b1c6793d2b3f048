import { createRequire } from "node:module";

function load(): unknown {
  try {
    return createRequire(import.meta.url)("sodium-native");
  } catch {
    // Not installed, no prebuilt binary for this machine, or built for another Node: tweetnacl does the work.
    return undefined;
  }
}

let loaded: { readonly module: unknown } | undefined;

/**
 * The optional dependency sodium-native, not yet checked; `undefined` where it does not load. Loaded when first asked for:
 * finding and linking the library takes nearly as long as starting Node, which a peer without a password need not wait for.
 */
export function sodiumModule(): unknown {
  loaded ??= { module: load() };
  return loaded.module;
}
