import * as gob from "../gob/index.ts";
import { type Flavour, PeerName } from "../peer-name.ts";
import { type GobTarget, goErrorText } from "../wire/index.ts";
import { TopologyError } from "./errors.ts";
import { GossipedConnections } from "./gossiped-connections.ts";
import { encodeUint } from "./list-writer.ts";

/** The description of one connection of a peer in an update. */
export interface ConnectionDescription {
  /** The peer at the far end. */
  name: PeerName;
  /** The bytes the name came as, where they are not those of the canonical name. */
  nameBytes?: Uint8Array | undefined;
  remoteAddress: string;
  outbound: boolean;
  established: boolean;
}

/** The description of one peer in an update. Strings may hold bytes that are not UTF-8, carried as U+DC80 to U+DCFF. */
export interface PeerDescription {
  name: PeerName;
  /** The bytes the name came as, where they are not those of the canonical name (a mac name of other than 6 bytes). */
  nameBytes?: Uint8Array | undefined;
  nickName: string;
  uid: bigint;
  version: bigint;
  shortId: number;
  hasShortId: boolean;
  /** In the order of the update; a name can stand twice, and then the last one counts. */
  connections: ConnectionDescription[];
}

/** An update, decoded. */
export interface DecodedUpdate {
  /** In the order of the update; a peer can be described twice. */
  peers: PeerDescription[];
  /** The type ids that the sender used, with which encoding gives the same bytes again. */
  types: gob.TypeTable;
}

const peerSummary = gob.struct("peerSummary", {
  NameByte: gob.bytes,
  NickName: gob.string,
  UID: gob.uint64,
  Version: gob.uint64,
  ShortID: gob.uint16,
  HasShortID: gob.bool,
});
export const connectionSummary = gob.struct("connectionSummary", {
  NameByte: gob.bytes,
  RemoteTCPAddr: gob.string,
  Outbound: gob.bool,
  Established: gob.bool,
});
const connectionSummaries = gob.slice(connectionSummary);

/** A part of an update: bytes, or a character for each of them. */
export type Piece = Uint8Array | string;

/** The gob type ids of an update: those of a peer, of one connection, and of the list of connections. */
export interface UpdateTypeIds {
  peer: number;
  connection: number;
  connections: number;
}

/** The type ids that a Go peer sends after its start: 65 is the map of features. */
export const defaultUpdateTypeIds: Readonly<UpdateTypeIds> = { peer: 66, connection: 67, connections: 68 };

/** A table with these ids, for `encodeUpdate` and Peers. */
export function updateTypes(ids: Readonly<UpdateTypeIds> = defaultUpdateTypeIds): gob.TypeTable {
  return new gob.TypeTable()
    .assign(peerSummary, ids.peer)
    .assign(connectionSummary, ids.connection)
    .assign(connectionSummaries, ids.connections);
}

/** The ids that a table has for the types of an update; the default where the update was too short to define one. */
export function updateTypeIds(types: gob.TypeTable): UpdateTypeIds {
  return {
    peer: types.has(peerSummary) ? types.idOf(peerSummary) : defaultUpdateTypeIds.peer,
    connection: types.has(connectionSummary)
      ? types.idOf(connectionSummary)
      : defaultUpdateTypeIds.connection,
    connections: types.has(connectionSummaries)
      ? types.idOf(connectionSummaries)
      : defaultUpdateTypeIds.connections,
  };
}

/** The bytes around the values of an update, given the type ids. */
export interface UpdateFraming {
  /** The definition before the first peer. */
  readonly peerDefinition: Uint8Array;
  /** The definitions before the first list of connections. */
  readonly listDefinitions: Uint8Array;
  /** The bytes after the length of each message: the id of its type. */
  readonly peerId: Uint8Array;
  readonly listId: Uint8Array;
}

/** A table does not change the ids of types that it has given, so each is asked once. */
const framings = new WeakMap<gob.TypeTable, UpdateFraming>();

/** The framing for the ids of a table. */
export function updateFraming(types: gob.TypeTable): UpdateFraming {
  const known = framings.get(types);
  if (known !== undefined) return known;
  const framing = findFraming(types);
  framings.set(types, framing);
  return framing;
}

/** By encoding nothing, twice: the second time without definitions. */
function findFraming(types: gob.TypeTable): UpdateFraming {
  const encoder = new gob.Encoder({ types });
  const nobody = {
    NameByte: new Uint8Array(0),
    NickName: "",
    UID: 0n,
    Version: 0n,
    ShortID: 0,
    HasShortID: false,
  };
  const [firstPeer, peer] = [encoder.encode(peerSummary, nobody), encoder.encode(peerSummary, nobody)];
  const [firstList, list] = [
    encoder.encode(connectionSummaries, []),
    encoder.encode(connectionSummaries, []),
  ];
  return {
    peerDefinition: firstPeer.slice(0, firstPeer.length - peer.length),
    listDefinitions: firstList.slice(0, firstList.length - list.length),
    // A length below 128, the id, and the end of the struct; or a zero, since it is no struct, and the count.
    peerId: peer.slice(1, -1),
    listId: list.slice(1, -2),
  };
}

/**
 * Writes one update, peer by peer. The bytes of all `write` calls in order are the message: one gob stream, in which the type
 * definitions stand once, before the first value of their type.
 *
 *     definition of peerSummary, peerSummary {NameByte, NickName, UID, Version, ShortID, HasShortID},
 *     definitions of []connectionSummary and connectionSummary, []connectionSummary {NameByte, RemoteTCPAddr, Outbound, Established},
 *     peerSummary, []connectionSummary, ...
 *
 * Source: peers.go, `Peer.encode`.
 */
export class UpdateWriter {
  readonly #types: gob.TypeTable;
  readonly #encoder: gob.Encoder;
  #listsWritten = 0;
  #listsEncoded = 0;

  constructor(types: gob.TypeTable = updateTypes()) {
    this.#types = types;
    this.#encoder = new gob.Encoder({ types });
  }

  /** The bytes of one more peer: its summary and the list of its connections. */
  write(
    peer: Omit<PeerDescription, "connections">,
    connections: ConnectionDescription[] | GossipedConnections,
  ): Piece[] {
    const summary = this.#encoder.encode(peerSummary, {
      NameByte: bytesOf(peer),
      NickName: peer.nickName,
      UID: peer.uid,
      Version: peer.version,
      ShortID: peer.shortId,
      HasShortID: peer.hasShortId,
    });
    const list =
      connections instanceof GossipedConnections
        ? this.#copyList(connections)
        : [this.#encodeList(connections)];
    this.#listsWritten++;
    return [summary, ...list];
  }

  #encodeList(connections: ConnectionDescription[]): Uint8Array {
    const list = this.#encoder.encode(
      connectionSummaries,
      connections.map((connection) => ({
        NameByte: bytesOf(connection),
        RemoteTCPAddr: connection.remoteAddress,
        Outbound: connection.outbound,
        Established: connection.established,
      })),
    );
    // The encoder does not know of definitions that went out with a copied list.
    const isRepeated = this.#listsEncoded++ === 0 && this.#listsWritten > 0;
    return isRepeated ? list.subarray(updateFraming(this.#types).listDefinitions.length) : list;
  }

  /** The elements are sent on as they came; only what stands before them depends on us. */
  #copyList({ encoded, size }: GossipedConnections): Piece[] {
    const { listDefinitions, listId } = updateFraming(this.#types);
    const count = encodeUint(size);
    const definitions = this.#listsWritten === 0 ? [listDefinitions] : [];
    return [
      ...definitions,
      encodeUint(listId.length + 1 + count.length + encoded.length),
      listId,
      zero,
      count,
      encoded,
    ];
  }
}

/** The bytes of an update with these peers, in this order. With the types of `decodeUpdate` the same bytes again. */
export function encodeUpdate(peers: Iterable<PeerDescription>, types?: gob.TypeTable): Uint8Array {
  const writer = new UpdateWriter(types);
  const pieces: Piece[] = [];
  for (const peer of peers) pieces.push(...writer.write(peer, peer.connections));
  return concatenate(pieces);
}

const zero = Uint8Array.of(0);

/** One array with all the bytes. */
export function concatenate(pieces: readonly Piece[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === "string") Buffer.prototype.latin1Write.call(whole, piece, at);
    else whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** The length in bytes of the first peer beyond which `typesOfFirstPeer` does not read it. */
const longFirstPeer = 64 * 1024;

/** Returns the type ids of the sender, from its first peer; undefined if that is not there, malformed or long. */
export function typesOfFirstPeer(update: Uint8Array): gob.TypeTable | undefined {
  const decoder = new gob.Decoder();
  decoder.push(update.subarray(0, longFirstPeer));
  try {
    const isWhole = decoder.read(peerSummary).done && decoder.read(connectionSummaries).done;
    return isWhole ? decoder.types : undefined;
  } catch (error) {
    if (error instanceof gob.GobError) return undefined;
    throw error;
  }
}

/** Whether a table has all types of an update, so that its framing is the sender's. */
export function hasUpdateTypes(types: gob.TypeTable): boolean {
  return types.has(peerSummary) && types.has(connectionSummaries) && types.has(connectionSummary);
}

const summaryTarget: GobTarget = { type: "mesh.peerSummary", struct: "peerSummary" };
const listTarget: GobTarget = {
  type: "[]mesh.connectionSummary",
  ourType: connectionSummaries.type.text,
  struct: "connectionSummary",
};

/**
 * Reads an update. An empty one is valid; a last summary without its list of connections is dropped silently, as in the original.
 * The result shares nothing with `bytes`.
 *
 * Throws TopologyError `malformed-update` with Go's text. Source: peers.go, `decodeUpdate`, `decodePeer`.
 */
export function decodeUpdate(bytes: Uint8Array, flavour: Flavour): DecodedUpdate {
  const peers: PeerDescription[] = [];
  const types = readPeers(bytes, connectionSummaries, (summary, connections) => {
    peers.push(describe(summary, connections, flavour));
  });
  return { peers, types };
}

/**
 * Reads the peers of an update one by one, each with its list of connections by a schema of the caller. Returns the type ids of
 * the sender.
 *
 * Throws TopologyError `malformed-update`.
 */
export function readPeers<S extends gob.AnySchema>(
  bytes: Uint8Array,
  list: S,
  each: (summary: gob.Infer<typeof peerSummary>, connections: gob.Infer<S>) => void,
): gob.TypeTable {
  const decoder = new gob.Decoder();
  decoder.push(bytes);
  decoder.end();
  let target: GobTarget = summaryTarget;
  let start = 0;
  try {
    while (!decoder.atEnd()) {
      target = summaryTarget;
      start = decoder.offset;
      const summary = complete(decoder.read(peerSummary));
      if (decoder.atEnd()) break;
      target = listTarget;
      start = decoder.offset;
      each(summary, complete(decoder.read(list)));
    }
  } catch (cause) {
    if (!(cause instanceof gob.GobError)) throw cause;
    const message = goErrorText(cause, { ...target, start });
    // What Go reads as the end of the stream ends the update, wherever it stands.
    if (message !== "EOF") throw new TopologyError("malformed-update", message, { cause });
  }
  return decoder.types;
}

function complete<T>(result: { done: true; value: T } | { done: false }): T {
  if (!result.done) throw new TopologyError("malformed-update", "unexpected EOF");
  return result.value;
}

function describe(
  summary: gob.Infer<typeof peerSummary>,
  connections: gob.Infer<typeof connectionSummaries>,
  flavour: Flavour,
): PeerDescription {
  return {
    ...nameOf(summary.NameByte, flavour),
    nickName: summary.NickName,
    uid: summary.UID,
    version: summary.Version,
    shortId: summary.ShortID,
    hasShortId: summary.HasShortID,
    connections: connections.map((connection) => ({
      ...nameOf(connection.NameByte, flavour),
      remoteAddress: connection.RemoteTCPAddr,
      outbound: connection.Outbound,
      established: connection.Established,
    })),
  };
}

/** Returns a name and, if it came as other bytes than its own, a copy of them. */
export function nameOf(bytes: Uint8Array, flavour: Flavour): { name: PeerName; nameBytes?: Uint8Array } {
  const name = PeerName.fromBytes(bytes, flavour);
  return flavour === "mac" && bytes.length !== 6 ? { name, nameBytes: bytes.slice() } : { name };
}

function bytesOf(named: { name: PeerName; nameBytes?: Uint8Array | undefined }): Uint8Array {
  return named.nameBytes ?? PeerName.toBytes(named.name);
}
