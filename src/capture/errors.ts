/** The kinds of faults in recordings, and in recording and replaying. */
export type CaptureErrorCode =
  /** Neither a session file nor a packet capture. */
  | "unknown-format"
  /** A session file, or a part of a packet capture, of a version that is not known here. */
  | "unknown-version"
  /** The file ends in the middle of something. */
  | "truncated"
  /** A line or a block that does not say what it must. */
  | "malformed"
  /** A packet capture in which no connection begins as a mesh session does. */
  | "no-session"
  /** None of the keys at hand opens the sealed messages. */
  | "wrong-key"
  /** A key log line could not be parsed. */
  | "malformed-key-log"
  /** More keys than a key ring holds. */
  | "too-many-keys"
  /** The recording of a session ended before the session did: the disk is too slow, or cannot be written. */
  | "recording-stopped"
  /** The proxy refused a connection, or ended one that said nothing. */
  | "connection-refused"
  /** The session cannot be played: it is sealed and not readable, or has no handshake. */
  | "not-playable"
  /** The decoded session cannot be encoded again. */
  | "not-recreatable"
  /** The live peer refused, or ended the connection within the handshake. */
  | "refused";

/** Base of every error of this module. Decide on `code`, never on the text. */
export class CaptureError extends Error {
  override readonly name = "CaptureError";
  readonly code: CaptureErrorCode;
  /** Line of a session file or key log, counted from 1. */
  readonly line: number | undefined;
  /** Offset in a packet capture, in bytes. */
  readonly offset: number | undefined;

  constructor(
    code: CaptureErrorCode,
    message: string,
    details: { readonly line?: number; readonly offset?: number; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.line = details.line;
    this.offset = details.offset;
  }
}
