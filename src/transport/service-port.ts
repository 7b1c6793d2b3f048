import { readFile } from "node:fs/promises";
import { TransportError } from "./errors.ts";

/** Known without a file. Source: Go, net, services (lookup.go). */
const builtIn: Record<string, number> = {
  domain: 53,
  ftp: 21,
  ftps: 990,
  gopher: 70,
  http: 80,
  https: 443,
  imap2: 143,
  imap3: 220,
  imaps: 993,
  pop3: 110,
  pop3s: 995,
  smtp: 25,
  ssh: 22,
  submissions: 465,
  telnet: 23,
};

let table: Promise<Map<string, number>> | undefined;

/**
 * The TCP port for a service: digits with an optional sign, or a name in any case from /etc/services; "" is 0.
 *
 * @throws TransportError "address" (`address 65536: invalid port`), "resolve" (`lookup tcp/nosuch: unknown port`).
 * Source: Go, net, LookupPort and parsePort.
 */
export async function servicePort(service: string): Promise<number> {
  if (/^[+-]?[0-9]*$/.test(service)) {
    const port = Number(service.replace(/^\+/, "").replace(/^-?$/, "0"));
    if (port >= 0 && port <= 65535) return port + 0; // no -0
    throw new TransportError("address", `address ${service}: invalid port`, {
      operation: "parse",
      target: service,
    });
  }
  table ??= readServices();
  const port = (await table).get(service.toLowerCase());
  if (port !== undefined) return port;
  throw new TransportError("resolve", `lookup tcp/${service}: unknown port`, {
    operation: "lookup",
    target: service,
  });
}

async function readServices(): Promise<Map<string, number>> {
  const services = new Map(Object.entries(builtIn));
  // A machine without the file knows the built-in names only.
  const text = await readFile("/etc/services", "utf8").catch(() => "");
  for (const line of text.split("\n")) {
    const [name, portAndProtocol, ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
    const port = /^([0-9]{1,5})\/tcp$/.exec(portAndProtocol ?? "")?.[1];
    if (name === undefined || port === undefined) continue;
    for (const known of [name, ...aliases]) services.set(known, Number(port));
  }
  return services;
}
