import type { StatusDocument } from "../status-document.ts";

/**
 * Whether peers see the same mesh: each knows all of them and nobody else, with the same name, UID and version, and
 * with the same connections, every one of them established and known to both of its ends.
 */
export function agree(statuses: readonly StatusDocument[]): boolean {
  const views = statuses.map(view);
  const names = new Set(statuses.map((status) => status.Name));
  return views.every((text) => text === views[0]) && statuses.every((status) => isComplete(status, names));
}

/** What a peer knows, in a form in which equal knowledge is equal text. */
function view(status: StatusDocument): string {
  const peers = (status.Peers ?? []).map((peer) => {
    const connections = (peer.Connections ?? []).map((connection) => connection.Name).sort();
    return `${peer.Name} ${peer.UID} ${peer.Version} ${connections.join(" ")}`;
  });
  return peers.sort().join("\n");
}

function isComplete(status: StatusDocument, names: ReadonlySet<string>): boolean {
  const peers = status.Peers ?? [];
  const connections = new Set(
    peers.flatMap((peer) => (peer.Connections ?? []).map((connection) => `${peer.Name} ${connection.Name}`)),
  );
  return (
    peers.length === names.size &&
    peers.every((peer) => names.has(peer.Name)) &&
    peers.every((peer) => (peer.Connections ?? []).every((connection) => connection.Established)) &&
    [...connections].every((connection) => connections.has(connection.split(" ").reverse().join(" ")))
  );
}
