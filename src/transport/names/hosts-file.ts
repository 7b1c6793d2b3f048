import { canonicalIp } from "../address.ts";

/** The most bytes of the hosts file that are read. */
export const maxHostsFileBytes = 1024 * 1024;

/** The IP addresses, in canonical form, of each name in a hosts file. Names are in lower case, without a trailing dot. */
export type HostsTable = ReadonlyMap<string, readonly string[]>;

/** Reads a hosts file. Malformed lines are ignored, as every resolver does. Source: hosts(5). */
export function parseHosts(text: string): HostsTable {
  const table = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    const ip = canonicalIp(address);
    if (ip === undefined) continue;
    for (const name of names) {
      const key = name.toLowerCase().replace(/\.$/, "");
      const addresses = table.get(key);
      if (addresses === undefined) table.set(key, [ip]);
      else addresses.push(ip);
    }
  }
  return table;
}
