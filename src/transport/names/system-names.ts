import { getServers } from "node:dns";
import { lookup, Resolver } from "node:dns/promises";
import { systemClock } from "../clock.ts";
import { HostLookup, type LookupSources } from "./host-lookup.ts";
import { maxHostsFileBytes, parseHosts } from "./hosts-file.ts";
import { configurationOf, maxResolvConfBytes, parseResolvConf } from "./resolver-configuration.ts";
import { SmallFile } from "./small-file.ts";
import { hasOtherSources, oneAtATime, type SystemLookup } from "./system-lookup.ts";

const windowsFolder = `${process.env.SystemRoot ?? "C:\\Windows"}\\System32\\drivers\\etc`;
const hostsPath = process.platform === "win32" ? `${windowsFolder}\\hosts` : "/etc/hosts";

const hostsFile = new SmallFile(hostsPath, maxHostsFileBytes, parseHosts);
const resolvConf = new SmallFile("/etc/resolv.conf", maxResolvConfBytes, parseResolvConf);
const nsswitch = new SmallFile("/etc/nsswitch.conf", 64 * 1024, hasOtherSources);

const systemLookup: SystemLookup = oneAtATime(async (name) => {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
});

/** Opens queries by node:dns, which takes no thread of Node's pool. */
export const openDnsQueries: LookupSources["openQueries"] = (servers, timeoutMs, tries) => {
  const resolver = new Resolver({ timeout: timeoutMs, tries });
  resolver.setServers(servers);
  return resolver;
};

/** The names of this machine: its hosts file, the name servers of its resolv.conf, and what else it may know. */
export const systemNames = new HostLookup({
  clock: systemClock,
  hosts: () => hostsFile.read(),
  configuration: () => resolvConf.read() ?? configurationOf(getServers()),
  openQueries: openDnsQueries,
  // Where there is no nsswitch.conf, Linux knows no other sources; other systems do not say.
  system: () => ((nsswitch.read() ?? process.platform !== "linux") ? systemLookup : undefined),
});
