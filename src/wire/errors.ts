/** The base class of every error of this module. Decide on `code`, never on the text. */
export abstract class WireError extends Error {
  /** Stable name of the condition. */
  abstract readonly code: string;
}

/**
 * Where a handshake stands.
 *
 * - `header`: the seven bytes with the version range are awaited.
 * - `key`: version 2 only; the encryption flag and perhaps the public key are awaited.
 * - `features`: the features are awaited. With several passwords on the accepting side of a version 1
 *   connection this phase lasts until the first sealed message, because only that shows which password is meant.
 */
export type HandshakePhase = "header" | "key" | "features" | "done" | "failed";

/** The phases in which a handshake can fail. */
export type HandshakeFailurePhase = "header" | "key" | "features";

/** The reason for which a handshake failed. */
export type HandshakeErrorCode =
  /** The connection ended before the first byte of the header. */
  | "header-missing"
  /** The connection ended within the header. */
  | "header-incomplete"
  /** The first five bytes are not `weave`. */
  | "header-not-recognised"
  /** No version that both sides speak. */
  | "version-incompatible"
  /** We have a password and the other side has none. */
  | "encryption-expected"
  /** The other side has a password and we have none. */
  | "encryption-unexpected"
  /** The encryption flag of version 2 is neither 0 nor 1. */
  | "bad-encryption-flag"
  /** The `PublicKey` feature of version 1 is not hexadecimal. */
  | "bad-public-key"
  /** The first sealed frame does not open: as a rule, the passwords differ. */
  | "cannot-decrypt"
  /** The features, ours or theirs, exceed the limit of a frame. */
  | "frame-too-large"
  /** The features are not a gob map of strings. */
  | "malformed-features"
  /** A mandatory feature is missing. */
  | "missing-feature"
  /** The two sides name peers differently. */
  | "flavour-mismatch"
  /** A feature has a value that cannot be parsed. */
  | "malformed-feature"
  /** The connection ended, or reading failed, after the header. */
  | "connection-lost"
  /** The caller used the handshake after its end, or before `start`. */
  | "out-of-order";

/** The fields of a {@link HandshakeError} besides its text. */
export interface HandshakeErrorDetails {
  readonly phase: HandshakeFailurePhase;
  /** Bytes that the original would have written before it noticed; empty by default. */
  readonly write?: readonly Uint8Array[];
  /** The feature concerned. */
  readonly feature?: string;
  /** The bytes received in place of a header, at most 7. */
  readonly received?: Uint8Array;
  readonly cause?: unknown;
}

/**
 * A failed handshake. The text is the original's where it has one, but texts of the other side in it are cut at 1 KiB, and
 * escaped where the original prints them as they came.
 *
 * Source: the errors of protocol.go, `exchangeProtocolHeader`, `doIntroV1`, `doIntroV2`, and of connection.go,
 * `parseFeatures`.
 */
export class HandshakeError extends WireError {
  override readonly name = "HandshakeError";
  override readonly code: HandshakeErrorCode;
  /** The phase in which it failed. */
  readonly phase: HandshakeFailurePhase;
  /**
   * The bytes to write before the connection is closed. The original writes its part of a step while it reads the
   * other side's, so these bytes are on their way when it finds the fault.
   */
  readonly write: readonly Uint8Array[];
  /** The feature concerned, if it is one. */
  readonly feature: string | undefined;
  /** The bytes received in place of a header, at most 7, if that is the fault. */
  readonly received: Uint8Array | undefined;

  constructor(code: HandshakeErrorCode, message: string, details: HandshakeErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.phase = details.phase;
    this.write = details.write ?? [];
    this.feature = details.feature;
    this.received = details.received;
  }
}

/** The fault of a frame. */
export type FrameErrorCode =
  /** Over the limit; outgoing ones are refused before anything of the connection's state changed. */
  | "frame-too-large"
  /** A sealed message that does not open under the session key and the next message number. */
  | "cannot-decrypt"
  /** Version 1: not a gob value of type []byte. */
  | "malformed-frame"
  /** The connection ended within a message. */
  | "truncated"
  /** The session was wiped. */
  | "wiped";

/**
 * A frame that cannot be sent or was not received. A reader that threw stays failed and throws the same again.
 *
 * Source: the errors of protocol_crypto.go.
 */
export class FrameError extends WireError {
  override readonly name = "FrameError";
  override readonly code: FrameErrorCode;
  /** Size of the message in bytes, where it was too large. */
  readonly size: number | undefined;
  /** The limit it broke, in bytes. */
  readonly limit: number | undefined;

  constructor(
    code: FrameErrorCode,
    message: string,
    details: { readonly size?: number; readonly limit?: number; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.size = details.size;
    this.limit = details.limit;
  }
}

/** A value of a message envelope. */
export type EnvelopeField = "channel" | "peer name" | "payload";

/** The fault of an envelope. */
export type EnvelopeErrorCode =
  /** The message ends before the value or within it. */
  | "truncated"
  /** The bytes are not a gob value of the type that stands here. */
  | "malformed-envelope";

/** A gossip message whose channel, peer name or payload does not decode. Ends the connection it came on. */
export class EnvelopeError extends WireError {
  override readonly name = "EnvelopeError";
  override readonly code: EnvelopeErrorCode;
  /** The value that was being decoded. */
  readonly field: EnvelopeField;
  /** The offset of that value in the message without its tag, in bytes. */
  readonly offset: number;

  constructor(
    code: EnvelopeErrorCode,
    message: string,
    details: { readonly field: EnvelopeField; readonly offset: number; readonly cause?: unknown },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.field = details.field;
    this.offset = details.offset;
  }
}
