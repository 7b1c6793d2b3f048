/**
 * One connection's bytes: header, handshake of both protocol versions, features, session key and sealing, frames,
 * message envelopes. Bytes in, bytes and sessions out: no sockets, no timers, no randomness of its own.
 *
 * @module
 */
export { defaultBackend, sodiumBackend } from "./available-backends.ts";
export {
  type DescribedEnvelope,
  type DescribedFeatures,
  type DescribedHeader,
  type DescribedKey,
  type DescribedMessage,
  type DescribedOther,
  type DescribedRaw,
  describeFeatures,
  describeHeader,
  describeKey,
  describeMessage,
  encodeDescribed,
  type PayloadDescriber,
  type PayloadEncoder,
} from "./described.ts";
export { encodeBroadcast, encodeGossip, encodeUnicast } from "./envelope.ts";
export { EnvelopeReader } from "./envelope-reader.ts";
export {
  EnvelopeError,
  type EnvelopeErrorCode,
  type EnvelopeField,
  FrameError,
  type FrameErrorCode,
  HandshakeError,
  type HandshakeErrorCode,
  type HandshakeErrorDetails,
  type HandshakeFailurePhase,
  type HandshakePhase,
  WireError,
} from "./errors.ts";
export {
  decodeFeatures,
  encodeFeatures,
  type Features,
  featuresSchema,
  filterV1Features,
  parseFeatures,
  type RemoteIdentity,
} from "./features.ts";
export { type FrameReader, type FrameWriter, maxFrameBytes, maxFrameBytesV1 } from "./frames.ts";
export { type GobTarget, goErrorText } from "./gob-error-text.ts";
export { Handshake, type HandshakeOptions, type HandshakeResult } from "./handshake.ts";
export { maxHandshakeBytes } from "./handshake-limit.ts";
export type { HandshakePart, HandshakeTap } from "./handshake-tap.ts";
export {
  chooseVersion,
  decodeHeader,
  encodeHeader,
  headerBytes,
  protocolMaxVersion,
  protocolMinVersion,
  protocolName,
  type VersionRange,
} from "./header.ts";
export { messageNonce } from "./message-number.ts";
export { encodeKey } from "./opening-v2.ts";
export {
  type RefusalReason,
  recogniseProtocol,
  refusalReason,
  refusalText,
  refusalTexts,
} from "./refusal.ts";
export {
  fastestBackend,
  keyBytes,
  nonceBytes,
  type SealingBackend,
  sealBytes,
  tweetnaclBackend,
} from "./sealing.ts";
export type { Session } from "./session.ts";
export { generateKeyPair, type KeyPair, sessionKey } from "./session-key.ts";
export { Tag } from "./tag.ts";
