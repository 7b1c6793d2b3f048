import { createHash } from "node:crypto";
import { describePayload, type RecordedSession, SessionInspector } from "../../src/capture/index.ts";

/**
 * What a session says, without what differs each time it is recorded: times, ports, keys, UIDs, the order of Go's maps, how
 * often the topology was gossiped, and who was first to notice its end. Of what is `raced` nothing is told: `all` that comes
 * after the handshake, or which ways `gossip` took among many peers.
 */
export function meaning({ header, records }: RecordedSession, raced?: "all" | "gossip"): string {
  const inspector = new SessionInspector(header);
  const said = new Set<string>();
  for (const record of records) {
    for (const { item, view } of inspector.push(record)) {
      if (view === undefined || view.channel === "topology" || view.kind === "heartbeat") continue;
      if (view.kind === "gossip" && raced === "gossip") continue;
      said.add(
        [item.from, view.kind, view.channel, view.source, view.destination ?? "", digest(view.payload)].join(
          " ",
        ),
      );
    }
  }
  inspector.finish();
  const { summary, protocol, flavour } = inspector;
  const { dialler, listener } = summary;
  const reason = summary.reason.replace(/^the (dialler|listener) (closed|reset) the connection/, "ended");
  const outcome = {
    protocol,
    damage: summary.damage,
    unread: dialler.sealedMessages + listener.sealedMessages,
  };
  if (raced === "all") return JSON.stringify(outcome);
  // How far the two came before one of them refused is a matter of microseconds.
  if (dialler.messages + listener.messages === 0) return JSON.stringify({ ...outcome, reason });
  const names = [dialler, listener].map(({ features }) => features?.get("Name"));
  const peers = summary.peers
    .map(({ name, connections }) => [name, connections.map(({ name }) => name).sort()])
    .sort();
  return JSON.stringify({
    ...outcome,
    flavour,
    sealed: dialler.sealed,
    names,
    messages: [...said].sort(),
    ...(raced === undefined && { peers }),
    reason,
  });
}

/** Of a payload; of a gob, of the values in it, whatever ids their types had and in whatever order maps came. */
function digest(payload: Uint8Array): string {
  const { as, text } = describePayload(payload, 100_000);
  const said = as === "gob" ? [...text].sort().join("") : payload;
  return createHash("sha256").update(said).digest("hex").slice(0, 16);
}
