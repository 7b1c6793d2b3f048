import type { Flavour, PeerName } from "../peer-name.ts";
import { decodeUpdate, encodeUpdate, type PeerDescription } from "../topology/index.ts";
import { encodeBroadcast, encodeGossip, encodeUnicast, type Features, Tag } from "../wire/index.ts";
import { CaptureError } from "./errors.ts";
import type { KeyRing } from "./key-ring.ts";
import { viewMessage } from "./message-view.ts";
import {
  otherSide,
  type RecordedSession,
  type SessionHeader,
  type SessionRecord,
  type Side,
} from "./session-file.ts";
import { SessionInspector } from "./session-inspector.ts";

/** A message of the record. */
export interface ScriptMessage {
  /** Of its side, counted from 1. */
  readonly number: number;
  /** Milliseconds since the first message of either side. */
  readonly at: number;
  /** Tag and body. */
  readonly bytes: Uint8Array;
}

/** The messages of one side of a record, and the answers to them. */
export interface ReplayScript {
  readonly flavour: Flavour;
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly features: Features;
  readonly otherFeatures: Features;
  readonly messages: readonly ScriptMessage[];
  readonly answers: readonly ScriptMessage[];
  readonly sealed: boolean;
  /** As far as the record knows it; `null` is none. */
  readonly password: string | null | undefined;
}

/** The most memory of the messages of a record that is played, in bytes. */
export const maxScriptBytes = 256 * 1024 * 1024;
/** About the memory of a message besides its bytes. */
const messageCost = 200;

/**
 * Takes what a side says out of a record.
 *
 * Throws CaptureError `not-playable` if the record does not get through its handshake, a message of either side cannot be
 * read, or the messages take more than 256 MiB.
 */
export function readScript(session: RecordedSession, side: Side, keys?: KeyRing): ReplayScript {
  const reader = new ScriptReader(session.header, side, keys);
  for (const record of session.records) reader.push(record);
  return reader.finish();
}

/** Reads the script of a side while its record is read: see {@link readScript}. */
export class ScriptReader {
  readonly #inspector: SessionInspector;
  readonly #side: Side;
  readonly #said: Record<Side, ScriptMessage[]> = { dialler: [], listener: [] };
  #start: number | undefined;
  #memory = 0;

  constructor(header: SessionHeader, side: Side, keys?: KeyRing) {
    this.#inspector = new SessionInspector(header, keys);
    this.#side = side;
  }

  /** Takes a record. @throws CaptureError `not-playable` */
  push(record: SessionRecord): void {
    this.#take(this.#inspector.push(record));
  }

  /** The script, when all records were read. @throws CaptureError `not-playable` */
  finish(): ReplayScript {
    this.#take(this.#inspector.finish());
    const { summary, header, flavour } = this.#inspector;
    const { range, features, sealed } = summary.of(this.#side);
    const other = summary.of(otherSide(this.#side));
    if (range === undefined || features === undefined || other.features === undefined) {
      throw new CaptureError("not-playable", "the session does not get through its handshake");
    }
    return {
      flavour,
      minVersion: range.minVersion,
      maxVersion: range.maxVersion,
      features,
      otherFeatures: other.features,
      messages: this.#said[this.#side],
      answers: this.#said[otherSide(this.#side)],
      sealed: sealed === true,
      password: header[this.#side].password,
    };
  }

  #take(entries: ReturnType<SessionInspector["push"]>): void {
    for (const { item } of entries) {
      if (item.kind === "sealed")
        throw new CaptureError("not-playable", "the session is sealed and no key opens it");
      if (item.kind === "damage")
        throw new CaptureError("not-playable", `the ${item.from}, at offset ${item.offset}: ${item.reason}`);
      if (item.kind !== "message") continue;
      this.#memory += item.bytes.length + messageCost;
      if (this.#memory > maxScriptBytes)
        throw new CaptureError("not-playable", `its messages take more than ${maxScriptBytes} bytes`);
      this.#start ??= item.at;
      this.#said[item.from].push({ number: item.number, at: item.at - this.#start, bytes: item.bytes });
    }
  }
}

/** The peers that take the places of others. */
export interface Renaming {
  readonly names: ReadonlyMap<string, string>;
  /** New UIDs by the old names. */
  readonly uids: ReadonlyMap<string, bigint>;
}

/** A message with other names in it; the same bytes where nothing changes, or the message cannot be read. */
export function renameMessage(message: Uint8Array, flavour: Flavour, renaming: Renaming): Uint8Array {
  const view = viewMessage(message, flavour);
  const { kind, channel, source, fault, trailingBytes } = view;
  if (channel === undefined || source === undefined || fault !== undefined || trailingBytes > 0)
    return message;
  const renamed = (name: string) => (renaming.names.get(name) ?? name) as PeerName;
  const payload = channel === "topology" ? renameUpdate(view.payload, flavour, renaming) : view.payload;
  if (
    payload === view.payload &&
    renamed(source) === source &&
    renamed(view.destination ?? "") === (view.destination ?? "")
  )
    return message;
  const body =
    kind === "unicast"
      ? encodeUnicast(channel, renamed(source), renamed(view.destination!), payload)
      : kind === "gossip"
        ? encodeGossip(channel, renamed(source), payload)
        : encodeBroadcast(channel, renamed(source), payload);
  return Buffer.concat([
    Uint8Array.of(kind === "unicast" ? Tag.unicast : kind === "gossip" ? Tag.gossip : Tag.broadcast),
    body,
  ]);
}

function renameUpdate(update: Uint8Array, flavour: Flavour, { names, uids }: Renaming): Uint8Array {
  let decoded: ReturnType<typeof decodeUpdate>;
  try {
    decoded = decodeUpdate(update, flavour);
  } catch {
    return update;
  }
  const renamed = <T extends { name: PeerName; nameBytes?: Uint8Array | undefined }>(named: T): T => {
    const name = names.get(named.name);
    return name === undefined ? named : { ...named, name: name as PeerName, nameBytes: undefined };
  };
  const peers = decoded.peers.map(
    (peer): PeerDescription => ({
      ...renamed(peer),
      uid: uids.get(peer.name) ?? peer.uid,
      connections: peer.connections.map(renamed),
    }),
  );
  return encodeUpdate(peers, decoded.types);
}
