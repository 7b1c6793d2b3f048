/** The original's `Status` as its JSON says it, as far as the runner looks at it (status.go, `Status`). */
export interface Status {
  Protocol: string;
  ProtocolMinVersion: number;
  ProtocolMaxVersion: number;
  Encryption: boolean;
  PeerDiscovery: boolean;
  Name: string;
  NickName: string;
  Port: number;
  Peers: PeerStatus[];
  UnicastRoutes: { Dest: string; Via: string }[];
  BroadcastRoutes: { Source: string; Via: string[] | null }[];
  Connections: LocalConnectionStatus[] | null;
  TerminationCount: number;
  Targets: string[] | null;
  OverlayDiagnostics: unknown;
  TrustedSubnets: string[];
}

/** One peer in a status (status.go, `PeerStatus`). */
export interface PeerStatus {
  Name: string;
  NickName: string;
  UID: bigint;
  ShortID: number;
  Version: bigint;
  Connections: ConnectionStatus[] | null;
}

/** One connection of a peer in a status (status.go, `connectionStatus`). */
export interface ConnectionStatus {
  Name: string;
  NickName: string;
  Address: string;
  Outbound: boolean;
  Established: boolean;
}

/** One line of a status about the peer's own connections and targets (status.go, `LocalConnectionStatus`). */
export interface LocalConnectionStatus {
  Address: string;
  Outbound: boolean;
  State: string;
  Info: string;
  Attrs: Record<string, unknown> | null;
}

/**
 * Reads a status. UIDs and versions are JSON numbers beyond 2^53, so they are quoted before parsing; inside
 * a JSON string their names could only stand with escaped quotes, which the pattern does not match.
 */
export function parseStatus(json: string): Status {
  const quoted = json.replace(/(?<!\\)"(UID|Version)":\s*(\d+)/g, '"$1":"$2"');
  return JSON.parse(quoted, (key, value) =>
    (key === "UID" || key === "Version") && typeof value === "string" ? BigInt(value) : value,
  ) as Status;
}
