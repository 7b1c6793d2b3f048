import { canonicalIp } from "./address.ts";
import { TransportError } from "./errors.ts";

/** Host and port as texts; the port may be empty or the name of a service. */
export interface HostPort {
  readonly host: string;
  readonly port: string;
}

/**
 * Splits `host:port` and `[host]:port` exactly as Go does, without looking at what the parts hold.
 *
 * @throws TransportError "address", with Go's texts: `address a: missing port in address`, `too many colons in
 * address`, `missing ']' in address`, `unexpected '[' in address`, `unexpected ']' in address`.
 * Source: Go, net, SplitHostPort.
 */
export function splitHostPort(text: string): HostPort {
  const fail = (reason: string): never => {
    // Go leaves an empty address out.
    const message = text === "" ? reason : `address ${text}: ${reason}`;
    throw new TransportError("address", message, { operation: "parse", target: text });
  };
  const colon = text.lastIndexOf(":");
  if (colon < 0) fail("missing port in address");
  let host: string;
  // Where brackets may no longer stand: after the opening one, after the closing one.
  let afterOpening = 0;
  let afterClosing = 0;
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    if (end < 0) fail("missing ']' in address");
    if (end + 1 === text.length) fail("missing port in address");
    if (end + 1 !== colon)
      fail(text[end + 1] === ":" ? "too many colons in address" : "missing port in address");
    host = text.slice(1, end);
    afterOpening = 1;
    afterClosing = end + 1;
  } else {
    host = text.slice(0, colon);
    if (host.includes(":")) fail("too many colons in address");
  }
  if (text.includes("[", afterOpening)) fail("unexpected '[' in address");
  if (text.includes("]", afterClosing)) fail("unexpected ']' in address");
  return { host, port: text.slice(colon + 1) };
}

/** A target as a user names it. */
export interface TargetParts {
  /** A name or an IP address, without brackets; possibly empty or malformed, which resolving will tell. */
  readonly host: string;
  /** Undefined if none was given. */
  readonly port: string | undefined;
}

/**
 * Splits a target `host[:port]`. Takes whatever the original takes, and IPv6 addresses in every form: `::1`, `[::1]`,
 * `[::1]:6783` (the original refuses the first and the last). What cannot be split is a host without a port, as in the
 * original. Source: connection_maker.go, (*connectionMaker).InitiateConnections.
 */
export function splitTarget(text: string): TargetParts {
  if (canonicalIp(text) !== undefined) return { host: text, port: undefined };
  if (text.startsWith("[") && text.endsWith("]")) return { host: text.slice(1, -1), port: undefined };
  try {
    return splitHostPort(text);
  } catch {
    return { host: text, port: undefined };
  }
}
