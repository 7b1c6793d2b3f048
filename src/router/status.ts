import { goTime } from "../go-text/index.ts";
import type { PeerName } from "../peer-name.ts";
import type { Peer, Routes } from "../topology/index.ts";
import { protocolName, type RefusalReason } from "../wire/index.ts";
import type { ConnectionMaker } from "./connection-maker.ts";
import type { LocalConnection } from "./local-connection.ts";
import type { RouterSettings } from "./options.ts";
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
  /** Of targets: the reason of the last refusal as a code. Not in the JSON, as the original has no such field. */
  readonly reason?: RefusalReason | undefined;
  /** Of targets: the reason in words, for people. Not in the JSON either. */
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

/** The parts of a router that its status shows. */
export interface StatusSource {
  readonly settings: RouterSettings;
  readonly routes: Routes;
  readonly ourself: Peer;
  readonly maker: ConnectionMaker;
  readonly port: number;
  /** The router's creation, in milliseconds since the epoch. */
  readonly createdAtMs: number;
}

/** Returns the status but for the peers, which are many. */
export function statusWithoutPeers(source: StatusSource): Omit<Status, "peers"> {
  const { settings, routes, ourself, maker, port, createdAtMs } = source;
  const encryption = settings.password !== undefined;
  return {
    protocol: protocolName,
    protocolMinVersion: settings.protocolMinVersion,
    protocolMaxVersion: settings.protocolMaxVersion,
    encryption,
    peerDiscovery: settings.peerDiscovery,
    name: ourself.name,
    nickName: ourself.nickName,
    port,
    unicastRoutes: Array.from(routes.unicastTable(), ([dest, via]) => ({ dest, via })),
    broadcastRoutes: Array.from(routes.broadcastTable(), ([source, via]) => ({ source, via })),
    connections: connectionStatuses(maker, encryption, createdAtMs),
    terminationCount: maker.terminationCount,
    targets: maker.directTargets(false),
    overlayDiagnostics: settings.overlay.diagnostics(),
    trustedSubnets: settings.trustedSubnets.texts,
  };
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
function connectionStatuses(
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
    reason: target.explanation?.reason,
    explanation: target.explanation?.text,
  });
  const error = target.lastError;
  if (target.state === "attempting")
    return error === undefined ? of("connecting", "") : of("retrying", error);
  if (target.state !== "waiting") return undefined;
  const until = target.tryAfterMs === undefined ? "never" : goTime(target.tryAfterMs, startedAtMs);
  return error === undefined ? of("waiting", `until: ${until}`) : of("failed", `${error}, retry: ${until}`);
}
