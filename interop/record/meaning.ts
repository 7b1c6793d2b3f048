import { createHash } from "node:crypto";
import { type RecordedSession, SessionInspector } from "../../src/capture/index.ts";

/**
 * What a session says, without what differs each time it is recorded: times, ports, keys, UIDs, the order of Go's maps, how
 * often the topology was gossiped, and who was first to notice its end.
 */
export function meaning({ header, records }: RecordedSession): string {
  const inspector = new SessionInspector(header);
  const said = new Set<string>();
  for (const record of records) {
    for (const { item, view } of inspector.push(record)) {
      if (view === undefined || view.channel === "topology" || view.kind === "heartbeat") continue;
      const payload = createHash("sha256").update(view.payload).digest("hex").slice(0, 16);
      said.add([item.from, view.kind, view.channel, view.source, view.destination ?? "", payload].join(" "));
    }
  }
  inspector.finish();
  const { summary, protocol, flavour } = inspector;
  const names = [summary.dialler, summary.listener].map(({ features }) => features?.get("Name"));
  const peers = summary.peers
    .map(({ name, connections }) => [name, connections.map(({ name }) => name).sort()])
    .sort();
  return JSON.stringify({
    protocol,
    flavour,
    sealed: [summary.dialler.sealed, summary.listener.sealed],
    names,
    messages: [...said].sort(),
    peers,
    damage: summary.damage,
    unread: summary.dialler.sealedMessages + summary.listener.sealedMessages,
    reason: summary.reason.replace(/^the (dialler|listener) (closed|reset) the connection/, "ended"),
  });
}
