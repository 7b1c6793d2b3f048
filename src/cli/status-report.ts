import { escapeText } from "../go-text/index.ts";
import type { PeerDocument, StatusDocument } from "./status-document.ts";
import { table } from "./table.ts";

/**
 * Returns a peer's status for a person: a line about the peer itself, then peers, connections and routes as tables. Texts of
 * the answer are escaped and cut at 1 KiB each.
 */
export function statusReport(status: StatusDocument): string {
  return [
    `${escapeText(status.Name)}(${escapeText(status.NickName)}), port ${status.Port}, ${settings(status)}\n`,
    ...trustedSubnets(status),
    `\nPeers\n${peerTable(status)}`,
    `\nConnections\n${connectionTable(status)}`,
    `\nRoutes over established connections\n${routeTable(status)}`,
    `\nTargets: ${
      (status.Targets ?? [])
        .map((text) => escapeText(text))
        .sort()
        .join(", ") || "none"
    }\n`,
    `Connections ended so far: ${status.TerminationCount}\n`,
  ].join("");
}

function settings(status: StatusDocument): string {
  return [
    `protocol ${status.ProtocolMinVersion} to ${status.ProtocolMaxVersion}`,
    status.Encryption ? "password" : "no password",
    status.PeerDiscovery ? "discovery" : "no discovery",
  ].join(", ");
}

function trustedSubnets(status: StatusDocument): string[] {
  const subnets = status.TrustedSubnets ?? [];
  return subnets.length === 0
    ? []
    : [`Trusted subnets: ${subnets.map((text) => escapeText(text)).join(", ")}\n`];
}

function peerTable(status: StatusDocument): string {
  const rows = [...(status.Peers ?? [])].sort(by((peer) => peer.Name)).map((peer) => {
    const connections = peer.Connections ?? [];
    const established = connections.filter((connection) => connection.Established).length;
    return [
      peer.Name,
      peer.NickName,
      String(peer.UID),
      String(peer.ShortID),
      String(peer.Version),
      established === connections.length
        ? `${established}`
        : `${established} of ${connections.length} established`,
      note(peer, status),
    ];
  });
  return table(["NAME", "NICKNAME", "UID", "SHORT ID", "VERSION", "CONNECTIONS", ""], rows);
}

function note(peer: PeerDocument, status: StatusDocument): string {
  if (peer.Name === status.Name) return "this peer";
  return String(peer.UID) === "0" ? "not described yet" : "";
}

function connectionTable(status: StatusDocument): string {
  const rows = [...(status.Connections ?? [])]
    .sort(by((connection) => connection.Address))
    .map(({ Address, Outbound, State, Info }) => [Outbound ? "->" : "<-", Address, State, Info]);
  return rows.length === 0 ? "none\n" : table(["", "ADDRESS", "STATE", "INFO"], rows);
}

function routeTable(status: StatusDocument): string {
  const broadcasts = new Map((status.BroadcastRoutes ?? []).map((route) => [route.Source, route.Via ?? []]));
  const names = new Map((status.Peers ?? []).map((peer) => [peer.Name, peer.NickName]));
  const rows = [...(status.UnicastRoutes ?? [])].sort(by((route) => route.Dest)).map(({ Dest, Via }) => {
    const broadcast = broadcasts.get(Dest);
    return [
      Dest,
      names.get(Dest) ?? "",
      Dest === status.Name ? "this peer" : Via,
      broadcast === undefined ? "" : [...broadcast].sort().join(", ") || "nobody",
    ];
  });
  return table(["TO", "NICKNAME", "VIA", "BROADCASTS FROM THERE GO TO"], rows);
}

/** An order by a text of each item. */
function by<T>(text: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0);
}
