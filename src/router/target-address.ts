import { isIP } from "node:net";
import { quoteAsGo } from "../go-text/index.ts";
import { joinHostPort, splitTarget } from "../transport/index.ts";
import { RouterError } from "./errors.ts";

/** A target to dial: an IP address or a host name, and a port in digits or as the name of a service. */
export interface TargetAddress {
  readonly host: string;
  /** `"0"` where none was given: then our own port counts. */
  readonly port: string;
}

/**
 * Reads a target as users give it: `host`, `host:port`, `[v6]`, `[v6]:port` or a bare `v6`. The original
 * (connection_maker.go, InitiateConnections) refuses the last two.
 *
 * @throws RouterError `invalid-target`, with the text that the original gives.
 */
export function parseTarget(text: string): TargetAddress {
  const { host, port = "0" } = splitTarget(text);
  const refuse = (message: string): never => {
    throw new RouterError("invalid-target", message, { address: text });
  };
  if (host === "" || !/^[\p{L}\p{Nd}]*$/u.test(port)) {
    refuse(`invalid peer name ${quoteAsGo(text)}, should be host[:port]`);
  }
  if (host.includes(":") && isIP(host) !== 6) refuse(`address ${text}:0: too many colons in address`);
  if (/^\d+$/.test(port) && Number(port) > 65_535) refuse(`address ${port}: invalid port`);
  // Go reads an empty port as 0, which stands for none.
  return { host, port: port === "" ? "0" : port };
}

/** The address by which the connection maker knows a target: IPv6 in brackets, our port where none was given. */
export function completeAddress(address: TargetAddress, ourPort: number): string {
  return joinHostPort(address.host, address.port === "0" ? ourPort : address.port);
}
