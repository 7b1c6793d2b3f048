import { canonicalIp } from "../address.ts";

/** The most bytes of resolv.conf that are read. */
export const maxResolvConfBytes = 64 * 1024;

/** The most name servers that are asked, as in resolv.conf(5). */
export const maxNameServers = 3;

/** The most domains of the search list. */
export const maxSearchDomains = 8;

/** The longest name in a query, in characters, without a trailing dot. */
export const maxNameLength = 253;

/** The part of resolv.conf(5) that lookups use. */
export interface ResolverConfiguration {
  /** IP addresses, or `IP:port`; at most {@link maxNameServers}. */
  readonly servers: readonly string[];
  /** Domains that are appended to names, without dots at their ends; at most {@link maxSearchDomains}. */
  readonly search: readonly string[];
  /** The number of dots from which on a name is first looked up as it stands. */
  readonly ndots: number;
  /** The time that a server has for its answer, in seconds. */
  readonly timeoutSeconds: number;
  /** The number of queries to each server. */
  readonly attempts: number;
  /** Whether only IPv4 addresses are asked for. */
  readonly ipv4Only: boolean;
}

/** Reads a resolv.conf. Unknown and malformed lines are ignored, options have the limits and defaults of glibc. */
export function parseResolvConf(text: string): ResolverConfiguration {
  const servers: string[] = [];
  let search: string[] = [];
  const options = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line
      .replace(/[#;].*/, "")
      .trim()
      .split(/\s+/);
    if (keyword === "nameserver") {
      const ip = canonicalIp(values[0] ?? "");
      if (ip !== undefined && servers.length < maxNameServers) servers.push(ip.replace(/%.*/, ""));
    } else if (keyword === "search" || keyword === "domain") {
      // The last of these lines counts.
      search = (keyword === "search" ? values : values.slice(0, 1))
        .map((domain) => domain.toLowerCase().replace(/\.$/, ""))
        .filter((domain) => domain !== "")
        .slice(0, maxSearchDomains);
    } else if (keyword === "options") {
      for (const option of values) {
        const [name, value = ""] = option.split(":");
        options.set(name!, value);
      }
    }
  }
  const integer = (name: string, fallback: number, least: number, most: number): number => {
    const digits = options.get(name) ?? "";
    return /^\d+$/.test(digits) ? Math.min(Math.max(Number(digits), least), most) : fallback;
  };
  return {
    servers: servers.length === 0 ? ["127.0.0.1"] : servers,
    search,
    ndots: integer("ndots", 1, 0, 15),
    timeoutSeconds: integer("timeout", 5, 1, 30),
    attempts: integer("attempts", 2, 1, 5),
    ipv4Only: options.has("no-aaaa"),
  };
}

/** The configuration where there is no resolv.conf: the name servers that the system is known to have. */
export function configurationOf(servers: readonly string[]): ResolverConfiguration {
  return { ...parseResolvConf(""), servers: servers.slice(0, maxNameServers) };
}

/**
 * Returns the names to ask for, in their order, for a host name in ASCII: the name itself and the name in each domain
 * of the search list. None if it is not a domain name. Source: Go, net, (*dnsConfig).nameList and isDomainName.
 */
export function searchNames(host: string, { search, ndots }: ResolverConfiguration): string[] {
  const isAbsolute = host.endsWith(".");
  const name = isAbsolute ? host.slice(0, -1) : host;
  if (!isDomainName(name)) return [];
  if (isAbsolute) return [name];
  const searched = search.map((domain) => `${name}.${domain}`).filter(isDomainName);
  const dots = name.split(".").length - 1;
  return [...new Set(dots >= ndots ? [name, ...searched] : [...searched, name])];
}

function isDomainName(name: string): boolean {
  return name.length <= maxNameLength && name.split(".").every((label) => /^[^\s.]{1,63}$/.test(label));
}
