import { goJson, goTime } from "../go-text/index.ts";
import type { PeerName } from "../peer-name.ts";
import type { Peer } from "../topology/index.ts";
import type { ConnectionMaker } from "./connection-maker.ts";
import type { LocalConnection } from "./local-connection.ts";
import type { Target } from "./target.ts";

/** A snapshot of a router, for people and programs; the original's Status (status.go). No list has an order. */
export interface Status {
  readonly protocol: string;
  readonly protocolMinVersion: number;
  readonly protocolMaxVersion: number;
  /** Whether there is a password, be it empty. */
  readonly encryption: boolean;
  readonly peerDiscovery: boolean;
  readonly name: PeerName;
  readonly nickName: string;
  readonly port: number;
  readonly peers: readonly PeerStatus[];
  /** Over established connections; always with ourselves, via the unknown name. */
  readonly unicastRoutes: readonly { readonly dest: PeerName; readonly via: PeerName }[];
  readonly broadcastRoutes: readonly { readonly source: PeerName; readonly via: readonly PeerName[] }[];
  readonly connections: readonly LocalConnectionStatus[];
  /** How many connections and handshakes have ended. */
  readonly terminationCount: number;
  /** The direct targets, as they were given. */
  readonly targets: readonly string[];
  readonly overlayDiagnostics: unknown;
  readonly trustedSubnets: readonly string[];
}

/** A peer of the mesh. */
export interface PeerStatus {
  readonly name: PeerName;
  readonly nickName: string;
  readonly uid: bigint;
  readonly shortId: number;
  readonly version: bigint;
  readonly connections: readonly ConnectionStatus[];
}

/** A connection of a peer, as that peer tells of it. */
export interface ConnectionStatus {
  readonly name: PeerName;
  readonly nickName: string;
  readonly address: string;
  readonly outbound: boolean;
  readonly established: boolean;
}

/** A connection of ours, or a target that is not connected. */
export interface LocalConnectionStatus {
  readonly address: string;
  readonly outbound: boolean;
  /** Of connections `established` or `pending`; of targets `waiting`, `failed`, `connecting` or `retrying`. */
  readonly state: "established" | "pending" | "waiting" | "failed" | "connecting" | "retrying";
  /** For people: the overlay and the peer, or what is wrong with a target. */
  readonly info: string;
  readonly attrs: Readonly<Record<string, unknown>> | undefined;
  /** Of targets: why the other side has probably refused us. Not in the JSON, as the original has no such field. */
  readonly explanation?: string | undefined;
}

/** What a user may want to know of a peer (the original's PeerDescription, peer.go). */
export interface PeerDescription {
  readonly name: PeerName;
  readonly nickName: string;
  /** 0 for a peer that is only known by name. */
  readonly uid: bigint;
  /** Whether it is ourselves. */
  readonly self: boolean;
  readonly connectionCount: number;
}

/** Describes a known peer. */
export function describePeer(peer: Peer, self: boolean): PeerDescription {
  const { name, nickName, uid, connections } = peer;
  return { name, nickName, uid, self, connectionCount: connections.size };
}

/** What Status shows of a known peer. */
export function peerStatus(peer: Peer): PeerStatus {
  return {
    name: peer.name,
    nickName: peer.nickName,
    uid: peer.uid,
    shortId: peer.shortId,
    version: peer.version,
    connections: Array.from(peer.connections.values(), (connection) => ({
      name: connection.remote.name,
      nickName: connection.remote.nickName,
      address: connection.remoteAddress,
      outbound: connection.outbound,
      established: connection.established,
    })),
  };
}

/** Our connections, then the targets that are not connected (status.go, makeLocalConnectionStatusSlice). */
export function connectionStatuses(
  maker: ConnectionMaker,
  usingPassword: boolean,
  startedAtMs: number,
): LocalConnectionStatus[] {
  const connections = [...maker.connections].map((connection) => connectionStatus(connection, usingPassword));
  const targets = maker
    .targetViews()
    .map(({ address, target }) => targetStatus(address, target, startedAtMs));
  return [...connections, ...targets.filter((status) => status !== undefined)];
}

function connectionStatus(connection: LocalConnection, usingPassword: boolean): LocalConnectionStatus {
  const given = connection.overlayAttributes;
  const encrypted = usingPassword && connection.untrusted;
  const attrs = given === undefined ? undefined : encrypted ? { ...given, encrypted: true } : { ...given };
  const { name, nickName } = connection.remote;
  const overlay = `${String(given?.name ?? "none").padEnd(6)} ${name}(${nickName})`;
  const sealing = usingPassword ? `${(encrypted ? "encrypted" : "unencrypted").padEnd(11)} ` : "";
  return {
    address: connection.remoteAddress,
    outbound: connection.outbound,
    state: connection.established ? "established" : "pending",
    info: sealing + overlay,
    attrs,
  };
}

function targetStatus(
  address: string,
  target: Target,
  startedAtMs: number,
): LocalConnectionStatus | undefined {
  const of = (state: LocalConnectionStatus["state"], info: string): LocalConnectionStatus => ({
    address,
    outbound: true,
    state,
    info,
    attrs: undefined,
    explanation: target.explanation,
  });
  const error = target.lastError;
  if (target.state === "attempting")
    return error === undefined ? of("connecting", "") : of("retrying", error);
  if (target.state !== "waiting") return undefined;
  const until = target.tryAfterMs === undefined ? "never" : goTime(target.tryAfterMs, startedAtMs);
  return error === undefined ? of("waiting", `until: ${until}`) : of("failed", `${error}, retry: ${until}`);
}

/** The JSON that Go's encoding/json prints for the original's Status. */
export function statusJson(status: Status): string {
  const { peers, unicastRoutes, broadcastRoutes, connections } = status;
  return goJson({
    Protocol: status.protocol,
    ProtocolMinVersion: status.protocolMinVersion,
    ProtocolMaxVersion: status.protocolMaxVersion,
    Encryption: status.encryption,
    PeerDiscovery: status.peerDiscovery,
    Name: status.name,
    NickName: status.nickName,
    Port: status.port,
    Peers: peers.map((peer) => ({
      Name: peer.name,
      NickName: peer.nickName,
      UID: peer.uid,
      ShortID: peer.shortId,
      Version: peer.version,
      Connections: nullIfEmpty(
        peer.connections.map((connection) => ({
          Name: connection.name,
          NickName: connection.nickName,
          Address: connection.address,
          Outbound: connection.outbound,
          Established: connection.established,
        })),
      ),
    })),
    UnicastRoutes: unicastRoutes.map(({ dest, via }) => ({ Dest: dest, Via: via })),
    BroadcastRoutes: broadcastRoutes.map(({ source, via }) => ({ Source: source, Via: nullIfEmpty(via) })),
    Connections: nullIfEmpty(
      connections.map((connection) => ({
        Address: connection.address,
        Outbound: connection.outbound,
        State: connection.state,
        Info: connection.info,
        Attrs: sortedByKey(connection.attrs),
      })),
    ),
    TerminationCount: status.terminationCount,
    Targets: nullIfEmpty(status.targets),
    OverlayDiagnostics: status.overlayDiagnostics ?? null,
    TrustedSubnets: status.trustedSubnets,
  });
}

/** A slice that nothing was appended to is nil in Go, and null in its JSON. */
function nullIfEmpty<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}

/** Go prints a map by its keys' order. */
function sortedByKey(attrs: LocalConnectionStatus["attrs"]): Record<string, unknown> | null {
  if (attrs === undefined) return null;
  return Object.fromEntries(Object.entries(attrs).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
