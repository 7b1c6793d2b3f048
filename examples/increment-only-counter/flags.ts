/** Flags as Go's flag package parses them. */
export interface Flags {
  /** Flags that take one value; the last one given counts. */
  readonly single: ReadonlyMap<string, string>;
  /** The `-peer` flags: sorted, each once. */
  readonly peers: readonly string[];
}

/**
 * Parses `-name value`, `-name=value` and the same with two dashes. Parsing ends at `--` or at the first argument that
 * is not a flag.
 *
 * @param defaults the flags there are, beside `-peer`, with what they are when not given.
 * @throws Error with the text that Go's flag package would print.
 */
export function parseFlags(args: readonly string[], defaults: ReadonlyMap<string, string>): Flags {
  const single = new Map(defaults);
  const peers = new Set<string>();
  for (let index = 0; index < args.length; index++) {
    const match = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(args[index]!);
    if (match === null) break;
    const name = match[1]!;
    if (name !== "peer" && !defaults.has(name)) throw new Error(`flag provided but not defined: -${name}`);
    const value = match[2] ?? args[++index];
    if (value === undefined) throw new Error(`flag needs an argument: -${name}`);
    if (name === "peer") peers.add(value);
    else single.set(name, value);
  }
  return { single, peers: [...peers].sort() };
}
