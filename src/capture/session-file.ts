import type { Flavour } from "../peer-name.ts";

/** Names the format; the first field of every session file. */
export const sessionFormat = "weave-mesh-session";
/** The version that is written. Readers refuse any other. */
export const sessionFormatVersion = 1;

/** The two ends of a connection: who opened it, and who accepted it. */
export type Side = "dialler" | "listener";

/** The other end. */
export function otherSide(side: Side): Side {
  return side === "dialler" ? "listener" : "dialler";
}

/** What is known of one end. */
export interface SessionSide {
  /** `HOST:PORT`, as seen where it was recorded. */
  readonly address?: string;
  /**
   * Its password; `null` for none. Missing if it is not known. As in gob, bytes that are not UTF-8 are U+DC80 to
   * U+DCFF.
   */
  readonly password?: string | null;
  /** Its X25519 secret key of this connection, 64 hex digits, if it is known. */
  readonly secretKey?: string;
}

/** The first line of a session file. */
export interface SessionHeader {
  readonly format: typeof sessionFormat;
  readonly version: typeof sessionFormatVersion;
  /**
   * `wire`: the bytes of each direction, cut anywhere. `plain`: the parts of the conversation, each whole and opened, as
   * a router's `onFrame` sees them.
   */
  readonly layer: "wire" | "plain";
  /** When the first record was made, ISO 8601 in UTC. All other times are milliseconds since then. */
  readonly started: string;
  /** What the session shows, in a few words. */
  readonly title?: string;
  /** How it was made: programs, versions, commands. Names and values are free. */
  readonly made?: Readonly<Record<string, string>>;
  readonly flavour?: Flavour;
  /** The protocol version that the two sides chose. */
  readonly protocol?: 1 | 2;
  readonly dialler: SessionSide;
  readonly listener: SessionSide;
  /** The session key, 64 hex digits, if it is known. */
  readonly sessionKey?: string;
}

/** Which part of a conversation a record of the `plain` layer is. */
export type SessionPart = "header" | "key" | "features" | "message";

/** Bytes that one side sent. */
export interface BytesRecord {
  /** Milliseconds since `started`, with up to three decimals. */
  readonly at: number;
  readonly from: Side;
  /** On the plain layer only. */
  readonly part?: SessionPart;
  readonly bytes: Uint8Array;
}

/** Bytes that one side sent and that were not recorded. */
export interface MissingRecord {
  readonly at: number;
  readonly from: Side;
  /** How many. */
  readonly missing: number;
}

/**
 * How a direction ended: `fin`, its sender had finished; `reset`, it reset the connection; `open`, the recording ended
 * first.
 */
export type SessionEnd = "fin" | "reset" | "open";

/** The end of one direction. */
export interface EndRecord {
  readonly at: number;
  readonly from: Side;
  readonly end: SessionEnd;
}

/** The most characters of a note. */
export const maxNoteLength = 1024;

/**
 * A remark of the recorder on one direction: what contradicts the record, or why it stops. Nothing that the side sent.
 */
export interface NoteRecord {
  readonly at: number;
  readonly from: Side;
  /** One line of at most 1024 characters. */
  readonly note: string;
}

/** A line of a session file after the first. */
export type SessionRecord = BytesRecord | MissingRecord | EndRecord | NoteRecord;

/** A session in memory. */
export interface RecordedSession {
  readonly header: SessionHeader;
  readonly records: readonly SessionRecord[];
}

/** What a header needs besides what {@link makeSessionHeader} knows itself. */
export type SessionHeaderInit = Omit<SessionHeader, "format" | "version" | "started"> & {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
};

/** A header in the order in which its fields are written. */
export function makeSessionHeader(init: SessionHeaderInit): SessionHeader {
  const { layer, startedAt, title, made, flavour, protocol, dialler, listener, sessionKey } = init;
  return {
    format: sessionFormat,
    version: sessionFormatVersion,
    layer,
    started: new Date(startedAt).toISOString(),
    ...(title !== undefined && { title }),
    ...(made !== undefined && { made }),
    ...(flavour !== undefined && { flavour }),
    ...(protocol !== undefined && { protocol }),
    dialler,
    listener,
    ...(sessionKey !== undefined && { sessionKey }),
  };
}

/** The first line of a session file, with its line end. */
export function formatSessionHeader(header: SessionHeader): string {
  return `${JSON.stringify(header)}\n`;
}

/** A line of a session file, with its line end: one JSON object, bytes in hex. */
export function formatSessionRecord(record: SessionRecord): string {
  const at = Math.round(record.at * 1000) / 1000;
  const { from } = record;
  if ("missing" in record) return `${JSON.stringify({ at, from, missing: record.missing })}\n`;
  if ("end" in record) return `${JSON.stringify({ at, from, end: record.end })}\n`;
  if ("note" in record) return `${JSON.stringify({ at, from, note: record.note })}\n`;
  const { bytes, part } = record;
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
  const partField = part === undefined ? "" : `"part":"${part}",`;
  return `{"at":${at},"from":"${from}",${partField}"bytes":"${hex}"}\n`;
}

/** The text of a whole session file. */
export function formatSession(session: RecordedSession): string {
  return formatSessionHeader(session.header) + session.records.map(formatSessionRecord).join("");
}
