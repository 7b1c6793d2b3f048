import { isIP } from "node:net";
import { quoteAsGo } from "../peer-name.ts";
import { joinHostPort } from "../transport/index.ts";
import { RouterError } from "./errors.ts";

/** Where to dial: an IP address or a host name, and a port in digits or as the name of a service. */
export interface TargetAddress {
  readonly host: string;
  /** `"0"` where none was given: then our own port counts. */
  readonly port: string;
}

/**
 * Reads a target as users give it: `host`, `host:port`, `[v6]`, `[v6]:port` or a bare `v6`.
 *
 * The original (connection_maker.go, InitiateConnections) refuses the last two; we take them.
 *
 * @throws RouterError `invalid-target`, with the text that the original gives.
 */
export function parseTarget(text: string): TargetAddress {
  const address = splitAddress(text) ?? { host: text, port: "0" };
  if (address.host === "" || !/^[\p{L}\p{Nd}]*$/u.test(address.port)) {
    const message = `invalid peer name ${quoteAsGo(text)}, should be host[:port]`;
    throw new RouterError("invalid-target", message, { address: text });
  }
  if (address.host.includes(":") && isIP(address.host) !== 6) {
    const message = `address ${text}:0: too many colons in address`;
    throw new RouterError("invalid-target", message, { address: text });
  }
  // Go reads an empty port as 0, which stands for none.
  return address.port === "" ? { host: address.host, port: "0" } : address;
}

/** Host and port of an address as peers tell it and Status shows it; undefined if it has no port. */
export function splitAddress(text: string): TargetAddress | undefined {
  const match = /^\[([^[\]]*)\](?::([^:]*))?$|^([^:[\]]*):([^:]*)$/.exec(text);
  if (match === null) return isIP(text) === 6 ? { host: text, port: "0" } : undefined;
  const [, bracketed, bracketedPort, plain = "", plainPort = ""] = match;
  return bracketed === undefined
    ? { host: plain, port: plainPort }
    : { host: bracketed, port: bracketedPort ?? "0" };
}

/** The address in the form by which the connection maker knows a target: IPv6 in brackets, our port where none was given. */
export function completeAddress(address: TargetAddress, ourPort: number): string {
  return joinHostPort(address.host, address.port === "0" ? ourPort : address.port);
}
