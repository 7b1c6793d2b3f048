import { goJson } from "../go-text/index.ts";
import type { ConnectionRecord, Peer } from "../topology/index.ts";
import type { LocalConnectionStatus, Status } from "./status.ts";

/** The length of a piece, in UTF-16 units. A piece can be longer by one short text. */
const pieceLength = 64 * 1024;
/** Longer texts are written in parts of this length, in UTF-16 units: escaping 10 MiB at once takes a second. */
const partLength = 16 * 1024;

/**
 * The JSON that Go's encoding/json prints for the original's Status, in pieces of about 64 KiB, each made when it is asked
 * for. A piece takes at most a few milliseconds in a mesh of any size, so that a caller can pause between them.
 *
 * @param status a status without its peers.
 * @param peers the peers. Each is written as it is when its turn comes, so one that changes meanwhile may disagree with
 * others.
 */
export function* statusJsonPieces(
  status: Omit<Status, "peers">,
  peers: Iterable<Peer>,
): Generator<string, void, undefined> {
  let piece = "";
  for (const text of statusTexts(status, peers)) {
    piece += text;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = "";
  }
  yield piece;
}

type Texts = Generator<string, void, undefined>;

function* statusTexts(status: Omit<Status, "peers">, peers: Iterable<Peer>): Texts {
  yield `{"Protocol":${goJson(status.protocol)},"ProtocolMinVersion":${status.protocolMinVersion},`;
  yield `"ProtocolMaxVersion":${status.protocolMaxVersion},"Encryption":${status.encryption},`;
  yield `"PeerDiscovery":${status.peerDiscovery},"Name":${goJson(status.name)},"NickName":`;
  yield* string(status.nickName);
  yield `,"Port":${status.port},"Peers":`;
  yield* list(peers, peerTexts, "[]");
  yield ',"UnicastRoutes":';
  yield* list(
    status.unicastRoutes,
    ({ dest, via }) => [`{"Dest":${goJson(dest)},"Via":${goJson(via)}}`],
    "[]",
  );
  yield ',"BroadcastRoutes":';
  yield* list(status.broadcastRoutes, broadcastTexts, "[]");
  yield ',"Connections":';
  yield* list(status.connections, ownConnectionTexts);
  yield `,"TerminationCount":${status.terminationCount},"Targets":`;
  yield* list(status.targets, string);
  yield `,"OverlayDiagnostics":${goJson(status.overlayDiagnostics ?? null)},"TrustedSubnets":`;
  yield* list(status.trustedSubnets, string, "[]");
  yield "}";
}

function* peerTexts({ name, nickName, uid, shortId, version, connections }: Peer): Texts {
  yield `{"Name":${goJson(name)},"NickName":`;
  yield* string(nickName);
  yield `,"UID":${uid},"ShortID":${shortId},"Version":${version},"Connections":`;
  if (connections.size === 0) {
    yield "null}";
    return;
  }
  // In batches: a mesh has many connections, and a generator for each would take most of the time.
  let batch = "[";
  let first = true;
  for (const connection of connections.values()) {
    if (!first) batch += ",";
    first = false;
    if (connection.remote.nickName.length + connection.remoteAddress.length <= partLength) {
      batch += connectionText(connection);
    } else {
      yield batch;
      batch = "";
      yield* longConnectionTexts(connection);
    }
    if (batch.length < partLength) continue;
    yield batch;
    batch = "";
  }
  yield `${batch}]}`;
}

function connectionText({ remote, remoteAddress, outbound, established }: ConnectionRecord): string {
  return (
    `{"Name":${goJson(remote.name)},"NickName":${goJson(remote.nickName)},` +
    `"Address":${goJson(remoteAddress)},"Outbound":${outbound},"Established":${established}}`
  );
}

function* longConnectionTexts({ remote, remoteAddress, outbound, established }: ConnectionRecord): Texts {
  yield `{"Name":${goJson(remote.name)},"NickName":`;
  yield* string(remote.nickName);
  yield ',"Address":';
  yield* string(remoteAddress);
  yield `,"Outbound":${outbound},"Established":${established}}`;
}

function* broadcastTexts({ source, via }: Status["broadcastRoutes"][number]): Texts {
  yield `{"Source":${goJson(source)},"Via":`;
  yield* list(via, string);
  yield "}";
}

function* ownConnectionTexts({ address, outbound, state, info, attrs }: LocalConnectionStatus): Texts {
  yield '{"Address":';
  yield* string(address);
  yield `,"Outbound":${outbound},"State":${goJson(state)},"Info":`;
  yield* string(info);
  yield `,"Attrs":${goJson(sortedByKey(attrs))}}`;
}

/** A list. By default an empty one is null: a slice that nothing was appended to is nil in Go. */
function* list<T>(items: Iterable<T>, texts: (item: T) => Iterable<string>, empty = "null"): Texts {
  let open = false;
  for (const item of items) {
    yield open ? "," : "[";
    open = true;
    yield* texts(item);
  }
  yield open ? "]" : empty;
}

function string(text: string): Iterable<string> {
  return text.length <= partLength ? [goJson(text)] : longString(text);
}

function* longString(text: string): Texts {
  yield '"';
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + partLength, text.length);
    const last = text.charCodeAt(end - 1);
    // A surrogate pair stays together.
    if (last >= 0xd800 && last <= 0xdbff && end < text.length) end++;
    yield goJson(text.slice(at, end)).slice(1, -1);
    at = end;
  }
  yield '"';
}

/** Go prints a map in the order of its keys. */
function sortedByKey(attrs: LocalConnectionStatus["attrs"]): Record<string, unknown> | null {
  if (attrs === undefined) return null;
  return Object.fromEntries(Object.entries(attrs).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
