import { CliError } from "./errors.ts";

/**
 * A peer's status as Go's encoding/json prints the original's `Status` (status.go). Lists that are empty may be null.
 * 64-bit numbers are kept as decimal text.
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
  readonly TrustedSubnets: readonly string[] | null;
}

export interface PeerDocument {
  readonly Name: string;
  readonly NickName: string;
  readonly UID: number | string;
  readonly ShortID: number;
  readonly Version: number | string;
  readonly Connections: readonly PeerConnectionDocument[] | null;
}

export interface PeerConnectionDocument {
  readonly Name: string;
  readonly NickName: string;
  readonly Address: string;
  readonly Outbound: boolean;
  readonly Established: boolean;
}

export interface LocalConnectionDocument {
  readonly Address: string;
  readonly Outbound: boolean;
  readonly State: string;
  readonly Info: string;
}

/**
 * Parses a status. Integers beyond 53 bits, as UIDs mostly are, come out as text rather than as a rounded number.
 *
 * @throws CliError `failed` if it is not the status of a peer.
 */
export function parseStatusDocument(json: string): StatusDocument {
  let value: unknown;
  try {
    value = JSON.parse(quoteLongIntegers(json));
  } catch (error) {
    throw new CliError("failed", "the answer is not JSON", { cause: error });
  }
  const document = value as Partial<Record<keyof StatusDocument, unknown>> | null;
  if (typeof document !== "object" || document === null || document.Protocol !== "weave") {
    throw new CliError("failed", "the answer is not the status of a mesh peer");
  }
  for (const list of ["Peers", "UnicastRoutes", "BroadcastRoutes", "Connections", "Targets"] as const) {
    if (document[list] !== null && !Array.isArray(document[list])) {
      throw new CliError("failed", `the answer is not the status of a mesh peer: ${list} is missing`);
    }
  }
  return document as StatusDocument;
}

/** Puts quotes around integers of 16 or more digits; strings stay as they are. */
function quoteLongIntegers(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
}
