import { CliError } from "./errors.ts";
import { isListOf, isNumber, isText, isTrueOrFalse, orNull, type Shape, shapeFault } from "./json-shape.ts";

/**
 * A peer's status as Go's encoding/json prints the original's `Status` (status.go). Lists that are empty may be null.
 * Integers of 16 and more digits are kept as decimal text.
 */
export interface StatusDocument {
  readonly Protocol: string;
  readonly ProtocolMinVersion: number;
  readonly ProtocolMaxVersion: number;
  readonly Encryption: boolean;
  readonly PeerDiscovery: boolean;
  readonly Name: string;
  readonly NickName: string;
  readonly Port: number;
  readonly Peers: readonly PeerDocument[] | null;
  readonly UnicastRoutes: readonly { readonly Dest: string; readonly Via: string }[] | null;
  readonly BroadcastRoutes:
    | readonly { readonly Source: string; readonly Via: readonly string[] | null }[]
    | null;
  readonly Connections: readonly LocalConnectionDocument[] | null;
  readonly TerminationCount: number;
  readonly Targets: readonly string[] | null;
  readonly TrustedSubnets?: readonly string[] | null;
}

/** A peer of the mesh. */
export interface PeerDocument {
  readonly Name: string;
  readonly NickName: string;
  readonly UID: number | string;
  readonly ShortID: number;
  readonly Version: number | string;
  readonly Connections: readonly PeerConnectionDocument[] | null;
}

/** A connection of a peer, as that peer announces it. */
export interface PeerConnectionDocument {
  readonly Name: string;
  readonly NickName: string;
  readonly Address: string;
  readonly Outbound: boolean;
  readonly Established: boolean;
}

/** A connection or a target of the peer that was asked. */
export interface LocalConnectionDocument {
  readonly Address: string;
  readonly Outbound: boolean;
  readonly State: string;
  readonly Info: string;
}

const isInteger = (value: unknown): boolean =>
  isNumber(value) || (typeof value === "string" && /^-?\d{16,30}$/.test(value));

const peerConnectionShape: Shape = {
  Name: isText,
  NickName: isText,
  Address: isText,
  Outbound: isTrueOrFalse,
  Established: isTrueOrFalse,
};

const peerShape: Shape = {
  Name: isText,
  NickName: isText,
  UID: isInteger,
  ShortID: isNumber,
  Version: isInteger,
  Connections: orNull(isListOf(peerConnectionShape)),
};

const statusShape: Shape = {
  Protocol: (value) => value === "weave",
  ProtocolMinVersion: isNumber,
  ProtocolMaxVersion: isNumber,
  Encryption: isTrueOrFalse,
  PeerDiscovery: isTrueOrFalse,
  Name: isText,
  NickName: isText,
  Port: isNumber,
  Peers: orNull(isListOf(peerShape)),
  UnicastRoutes: orNull(isListOf({ Dest: isText, Via: isText })),
  BroadcastRoutes: orNull(isListOf({ Source: isText, Via: orNull(isListOf(isText)) })),
  Connections: orNull(isListOf({ Address: isText, Outbound: isTrueOrFalse, State: isText, Info: isText })),
  TerminationCount: isNumber,
  Targets: orNull(isListOf(isText)),
};

/** Absent in the status of a Go peer of before 2018. */
const newerShape: Shape = { TrustedSubnets: orNull(isListOf(isText)) };

/**
 * Parses a status. Integers of 16 and more digits, as UIDs mostly are, are kept as text, since a number would be rounded.
 * Takes time in proportion to the text.
 *
 * @throws CliError `failed` if it is not the status of a peer; the text names the field that is missing or wrong.
 */
export function parseStatusDocument(json: string): StatusDocument {
  let value: unknown;
  try {
    // The first pass checks the syntax, on which the search for integers relies.
    value = JSON.parse(json);
    value = JSON.parse(quoteLongIntegers(json));
  } catch (error) {
    throw new CliError("failed", "the answer is not JSON", { cause: error });
  }
  const document = value as Partial<Record<keyof StatusDocument, unknown>> | null;
  if (typeof document !== "object" || document === null || document.Protocol !== "weave") {
    throw new CliError("failed", "the answer is not the status of a mesh peer");
  }
  const newer = document.TrustedSubnets === undefined ? {} : newerShape;
  const fault = shapeFault(document, { ...statusShape, ...newer });
  if (fault !== undefined) {
    throw new CliError("failed", `the answer is not the status of a mesh peer: ${fault} is missing or wrong`);
  }
  return document as StatusDocument;
}

/** Puts quotes around integers of 16 or more digits in valid JSON. Strings and other numbers stay as they are. */
function quoteLongIntegers(json: string): string {
  const parts: string[] = [];
  for (let at = 0; at < json.length; ) {
    const quote = json.indexOf('"', at);
    const end = quote === -1 ? json.length : quote;
    parts.push(json.slice(at, end).replace(/-?[\d.eE+-]+/g, quotedIfLong));
    if (quote === -1) break;
    at = stringEnd(json, quote);
    parts.push(json.slice(quote, at));
  }
  return parts.join("");
}

function quotedIfLong(number: string): string {
  return /^-?\d{16,}$/.test(number) ? `"${number}"` : number;
}

/** The index after a string of valid JSON. */
function stringEnd(json: string, start: number): number {
  for (let at = start + 1; ; ) {
    const quote = json.indexOf('"', at);
    let backslashes = 0;
    while (json[quote - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}
