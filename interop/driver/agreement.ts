import type { PeerStatus, Status } from "./status.ts";

/** One peer as the scenario knows it. A peer whose program has no status cannot be asked, only be seen. */
export interface View {
  label: string;
  name: string;
  status: Status | undefined;
}

/** An undirected connection, by the labels of its two ends. */
export type Edge = readonly [string, string];

/**
 * Says where the peers disagree; `undefined` when they agree.
 *
 * *Agree*: every peer's status holds exactly the given peers, each with the same nickname, UID, short ID and
 * version, and the same set of connections, all established and symmetric (with one outbound end). Beyond
 * that, every peer counts as many live connections of its own as it has in the topology, and has a route to
 * everybody. With `edges`, the connections are exactly these.
 */
export function disagreement(views: readonly View[], edges?: readonly Edge[]): string | undefined {
  const labels = new Map(views.map((view) => [view.name, view.label]));
  const reference = new Map<string, { by: string; text: string }>();
  for (const { label, name, status } of views) {
    if (status === undefined) continue;
    if (status.Name !== name) return `${label} says its name is ${status.Name}, not ${name}`;
    const problem =
      membership(label, status, labels) ??
      symmetry(label, status, labels) ??
      ownConnections(label, status) ??
      routes(label, status, labels);
    if (problem !== undefined) return problem;
    for (const peer of status.Peers) {
      const text = describe(peer, labels);
      const known = reference.get(peer.Name);
      if (known === undefined) reference.set(peer.Name, { by: label, text });
      else if (known.text !== text) {
        return `${known.by} has ${labels.get(peer.Name)} as ${known.text}, ${label} as ${text}`;
      }
    }
  }
  return edges === undefined ? undefined : expected(views, edges);
}

function membership(label: string, status: Status, labels: ReadonlyMap<string, string>): string | undefined {
  const known = new Set(status.Peers.map((peer) => peer.Name));
  if (known.size !== status.Peers.length) return `${label} has a peer twice`;
  for (const [name, other] of labels) if (!known.has(name)) return `${label} does not know ${other}`;
  for (const name of known) if (!labels.has(name)) return `${label} still knows ${name}`;
  return undefined;
}

function symmetry(label: string, status: Status, labels: ReadonlyMap<string, string>): string | undefined {
  const peers = new Map(status.Peers.map((peer) => [peer.Name, peer]));
  for (const peer of status.Peers) {
    for (const connection of peer.Connections ?? []) {
      const link = `${labels.get(peer.Name)} to ${labels.get(connection.Name) ?? connection.Name}`;
      if (!connection.Established) return `${label} has ${link} not established`;
      const back = peers.get(connection.Name)?.Connections?.find((other) => other.Name === peer.Name);
      if (back === undefined) return `${label} has ${link} without its counterpart`;
      if (back.Outbound === connection.Outbound) return `${label} has both ends of ${link} as diallers`;
    }
  }
  return undefined;
}

function ownConnections(label: string, status: Status): string | undefined {
  const degree = status.Peers.find((peer) => peer.Name === status.Name)?.Connections?.length ?? 0;
  const live = (status.Connections ?? []).filter((connection) => connection.State === "established").length;
  return live === degree ? undefined : `${label} has ${live} live connections, but ${degree} in the topology`;
}

function routes(label: string, status: Status, labels: ReadonlyMap<string, string>): string | undefined {
  const reached = new Set(status.UnicastRoutes.map((route) => route.Dest));
  for (const [name, other] of labels) if (!reached.has(name)) return `${label} has no route to ${other}`;
  return undefined;
}

function describe(peer: PeerStatus, labels: ReadonlyMap<string, string>): string {
  const connections = (peer.Connections ?? [])
    .map((c) => `${labels.get(c.Name) ?? c.Name} ${c.Outbound ? ">" : "<"} ${c.Address}`)
    .sort();
  return `${peer.NickName} uid ${peer.UID} short ${peer.ShortID} version ${peer.Version} [${connections.join(", ")}]`;
}

function expected(views: readonly View[], edges: readonly Edge[]): string | undefined {
  const status = views.find((view) => view.status !== undefined)?.status;
  const labels = new Map(views.map((view) => [view.name, view.label]));
  const key = (a: string, b: string) => [a, b].sort().join(" - ");
  const wanted = new Set(edges.map(([a, b]) => key(a, b)));
  const found = new Set<string>();
  for (const peer of status?.Peers ?? []) {
    for (const c of peer.Connections ?? []) found.add(key(labels.get(peer.Name)!, labels.get(c.Name)!));
  }
  for (const edge of wanted) if (!found.has(edge)) return `no connection ${edge}`;
  for (const edge of found) if (!wanted.has(edge)) return `unexpected connection ${edge}`;
  return undefined;
}
