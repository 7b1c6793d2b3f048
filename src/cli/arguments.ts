import { isIP, isIPv6 } from "node:net";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { quoteAsGo } from "../go-text/index.ts";
import { CliError, oneLine } from "./errors.ts";

type Flags = NonNullable<ParseArgsConfig["options"]>;
type ParsedFlags<F extends Flags> = ReturnType<
  typeof parseArgs<{ args: string[]; options: F; allowPositionals: boolean; strict: true }>
>;

/**
 * Parses the flags of a command. As with Go's flag package a flag may be written with one dash or with two.
 *
 * @throws CliError `usage` for unknown flags, missing values and, unless `positionals` allows them, other arguments.
 */
export function parseFlags<const F extends Flags>(
  args: readonly string[],
  flags: F,
  positionals = false,
): ParsedFlags<F> {
  try {
    return parseArgs({
      args: withTwoDashes(args, flags),
      options: flags,
      allowPositionals: positionals,
      strict: true,
    });
  } catch (error) {
    throw new CliError("usage", oneLine(error), { cause: error });
  }
}

/** Rewrites `-name` to `--name` where it is a flag in a flag's place, and joins values that begin with a dash. */
function withTwoDashes(args: readonly string[], flags: Flags): string[] {
  const result: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index]!;
    if (argument === "--") return [...result, ...args.slice(index)];
    const match = /^--?([a-z][a-z0-9-]+)(=.*)?$/s.exec(argument);
    const flag = match === null ? undefined : flags[match[1]!];
    if (match === null || flag === undefined) {
      result.push(argument);
      continue;
    }
    const value = args[index + 1];
    if (flag.type === "string" && match[2] === undefined && value !== undefined) {
      // Go takes whatever comes next as the value, be it empty or with a dash in front.
      result.push(`--${match[1]}=${value}`);
      index++;
    } else {
      result.push(`--${match[1]}${match[2] ?? ""}`);
    }
  }
  return result;
}

/** An address to listen on or to reach: the host without brackets ("" is all of them), and the port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/**
 * Parses `HOST:PORT`, `[IPV6]:PORT` or `:PORT`. An address to reach has a `lowestPort` of 1.
 *
 * @throws CliError `usage`, naming `flag`.
 */
export function parseHostPort(flag: string, text: string, lowestPort: 0 | 1 = 0): HostPort {
  const match = /^(?:\[([0-9A-Fa-f:.]+(?:%[^\]]+)?)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2] ?? "";
  if (match === null || port > 65535 || port < lowestPort || (host !== "" && !isHost(host))) {
    throw new CliError(
      "usage",
      `${flag}: ${quoteAsGo(text)} is not HOST:PORT with a port from ${lowestPort} to 65535`,
    );
  }
  return { host, port };
}

/**
 * Checks the address of a peer, `HOST`, `HOST:PORT`, `IPV6`, `[IPV6]` or `[IPV6]:PORT`, and returns it.
 *
 * The check is stricter than the original's, which also takes names that cannot exist: a peer that is dialled in vain
 * shows in the log only.
 *
 * @throws CliError `usage`, naming `flag`, with the likely mistake.
 */
export function parsePeer(flag: string, text: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text);
  const port = Number(match?.[3] ?? 1);
  const bracketed = match?.[1];
  const isPeer =
    isIPv6(text) ||
    (match !== null &&
      port >= 1 &&
      port <= 65535 &&
      (bracketed === undefined ? isHost(match[2]!) : isIPv6(bracketed)));
  if (isPeer) return text;
  let advice = "";
  if (/:\/\//.test(text)) advice = "; leave out the scheme";
  else if (/,/.test(text)) advice = `; repeat ${flag} for each peer`;
  throw new CliError(
    "usage",
    `${flag}: ${quoteAsGo(text)} is not HOST[:PORT] with a port from 1 to 65535${advice}`,
  );
}

/** Whether a text is an IP address or can be a host name. Service names may have underscores. */
function isHost(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const labels = text.replace(/\.$/, "").split(".");
  if (text.length > 254 || !labels.every((label) => /^(?!-)[\p{L}\p{M}\p{N}_-]{1,63}$/u.test(label)))
    return false;
  // An IPv4 address with a mistake in it; the name of a container may be a number.
  return labels.length === 1 || !/^\d+$/.test(labels.at(-1)!);
}

/** Writes an address as `HOST:PORT`, with brackets around IPv6. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Parses a whole number between two bounds, both allowed.
 *
 * @throws CliError `usage`, naming `flag`.
 */
export function parseWhole(flag: string, text: string, lowest: number, highest: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < lowest || value > highest) {
    throw new CliError(
      "usage",
      `${flag}: ${JSON.stringify(text)} is not a whole number from ${lowest} to ${highest}`,
    );
  }
  return value;
}

/**
 * Parses one of a few words.
 *
 * @throws CliError `usage`, naming `flag`.
 */
export function parseChoice<const C extends readonly string[]>(
  flag: string,
  text: string,
  choices: C,
): C[number] {
  if (!choices.includes(text)) {
    throw new CliError("usage", `${flag}: ${JSON.stringify(text)} is none of ${choices.join(", ")}`);
  }
  return text;
}
