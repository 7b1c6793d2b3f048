import { maxListedConnections, maxListedPeers } from "./narrator.ts";
import { describePayload } from "./payload-text.ts";
import type { Entry, SessionInspector } from "./session-inspector.ts";
import { encodeHex } from "./text.ts";

/** Longer payloads are given by their length and beginning only where `payloads` does not ask for all. */
const shownBytes = 4096;

/**
 * An entry as one JSON object: `session`, `at` (milliseconds since the epoch), `from`, `kind`, `offset`, `wireBytes`, and
 * what belongs to the kind. Payloads are in base64 (`payload`) up to 4096 bytes, with what they were read as
 * (`read`: `text`, `gob`, `hex` or `empty`) and a text for people.
 */
export function entryToJson(entry: Entry, session: number): Record<string, unknown> {
  const { item } = entry;
  const base = {
    session,
    at: Math.round(item.at * 1000) / 1000,
    from: item.from,
    kind: item.kind,
    offset: item.offset,
    wireBytes: item.wireBytes,
  };
  switch (item.kind) {
    case "header":
      return { ...base, minVersion: item.minVersion, maxVersion: item.maxVersion };
    case "key":
      return { ...base, publicKey: item.publicKey === undefined ? null : encodeHex(item.publicKey) };
    case "features":
      return { ...base, features: Object.fromEntries(item.features) };
    case "sealed":
      return { ...base, number: item.number, bytes: item.bytes.length, broken: item.broken };
    case "damage":
      return { ...base, reason: item.reason };
    case "note":
      return { ...base, note: item.text };
    case "end":
      return { ...base, end: item.end };
    case "message":
      return { ...base, number: item.number, ...messageFields(entry) };
  }
}

function messageFields({ view, difference }: Entry): Record<string, unknown> {
  const { kind, tag, channel, source, destination, payload, trailingBytes, fault } = view!;
  const shown = payload.subarray(0, shownBytes);
  const read = difference === undefined && payload.length > 0 ? describePayload(payload) : undefined;
  return {
    message: kind,
    tag,
    channel,
    source,
    destination,
    payloadBytes: payload.length,
    payload: Buffer.from(shown.buffer, shown.byteOffset, shown.length).toString("base64"),
    ...(read !== undefined && { read: read.as, text: read.text }),
    ...(trailingBytes > 0 && { trailingBytes }),
    ...(fault !== undefined && { fault }),
    ...(difference !== undefined && {
      topology: {
        described: difference.described,
        repeated: difference.repeated,
        news: difference.news.map((line) => line.trim()),
        ...(difference.fault !== undefined && { fault: difference.fault }),
      },
    }),
  };
}

/** What a session amounts to, as one JSON object with `kind` `summary`; to be asked for after `finish`. */
export function summaryToJson(inspector: SessionInspector, session: number): Record<string, unknown> {
  const { summary, header, knowledge, protocol, flavour } = inspector;
  const side = (name: "dialler" | "listener") => {
    const { bytes, messages, sealedMessages, features, end } = summary.of(name);
    return {
      address: header[name].address,
      name: features?.get("Name"),
      nickName: features?.get("NickName"),
      bytes,
      messages,
      sealedMessages,
      end: end?.end,
    };
  };
  return {
    session,
    kind: "summary",
    protocol: protocol ?? null,
    sealed: summary.dialler.sealed === true && summary.listener.sealed === true,
    flavour,
    dialler: side("dialler"),
    listener: side("listener"),
    traffic: summary.channels,
    topology: summary.topology,
    peers: summary.peers.slice(0, maxListedPeers).map((peer) => ({
      name: peer.name,
      nickName: peer.nickName.toWellFormed(),
      uid: String(peer.uid),
      version: String(peer.version),
      shortId: peer.hasShortId ? peer.shortId : null,
      connectionCount: peer.connections.length,
      connections: peer.connections
        .slice(0, maxListedConnections)
        .map(({ name, remoteAddress, outbound, established }) => ({
          name,
          remoteAddress: remoteAddress.toWellFormed(),
          outbound,
          established,
        })),
    })),
    ...(summary.peers.length > maxListedPeers && { peersLeftOut: summary.peers.length - maxListedPeers }),
    ...(knowledge.unremembered > 0 && { unremembered: knowledge.unremembered }),
    damage: summary.damage,
    ...(summary.notes > 0 && { notes: summary.notes }),
    refusal: summary.refusal ?? null,
    reason: summary.reason,
  };
}
