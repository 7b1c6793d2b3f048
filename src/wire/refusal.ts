import type { HandshakeError, HandshakeErrorCode } from "./errors.ts";

/**
 * The reason for which a connection was refused. Stable, for programs; {@link refusalTexts} has the words. The protocol sends
 * no reasons, so where the other side refuses, the reason is inferred.
 */
export type RefusalReason =
  | "refused"
  | "filtered"
  | "not-a-mesh-port"
  | "no-common-version"
  | "wrong-password"
  | "password-missing"
  | "password-not-wanted"
  | "other-flavour"
  | "name-taken"
  | "oneself"
  | "unknown-peer"
  | "malformed-features"
  | "limit-or-duplicate"
  | "fell-silent";

/** The words for each reason. They hold for both sides of a connection. */
export const refusalTexts: Readonly<Record<RefusalReason, string>> = {
  refused: "nothing listens at that address",
  filtered: "no answer comes from that address, or something on the way refuses the connection",
  "not-a-mesh-port": "one side does not speak the mesh protocol",
  "no-common-version": "there is no protocol version that both sides speak",
  "wrong-password": "the passwords differ",
  "password-missing": "one side expects a password and the other has none",
  "password-not-wanted": "one side has a password and the other expects none",
  "other-flavour": "the names of the peers are of different flavours",
  "name-taken": "two peers have the same name",
  oneself: "the peer has reached itself",
  "unknown-peer": "an unknown peer answered at a discovered address",
  "malformed-features": "the features are malformed",
  "limit-or-duplicate": "the two peers are connected already, or the connection limit is reached",
  "fell-silent": "the other side fell silent",
};

const reasons: Partial<Record<HandshakeErrorCode, RefusalReason>> = {
  "header-not-recognised": "not-a-mesh-port",
  "version-incompatible": "no-common-version",
  "encryption-expected": "password-missing",
  "encryption-unexpected": "password-not-wanted",
  "bad-encryption-flag": "not-a-mesh-port",
  "bad-public-key": "malformed-features",
  "cannot-decrypt": "wrong-password",
  "malformed-features": "malformed-features",
  "missing-feature": "malformed-features",
  "malformed-feature": "malformed-features",
  "flavour-mismatch": "other-flavour",
};

/** Returns the reason for which we refuse with this error; undefined if the error is not a refusal of ours. */
export function refusalReason(error: HandshakeError): RefusalReason | undefined {
  return reasons[error.code];
}

/**
 * Returns the protocol that a side speaks in place of ours, by the first bytes that it sent: `HTTP`, `TLS` or `SSH`; undefined
 * if they are of no known protocol.
 */
export function recogniseProtocol(received: Uint8Array): "HTTP" | "TLS" | "SSH" | undefined {
  // An alert or a handshake record of TLS 1.x.
  if ((received[0] === 0x15 || received[0] === 0x16) && received[1] === 3) return "TLS";
  const text = String.fromCharCode(...received.subarray(0, 8));
  if (text.startsWith("SSH-")) return "SSH";
  return /^(HTTP\/|(GET|HEAD|POST|PUT|DELETE|OPTIONS|CONNECT|PATCH|PRI) )/.test(text) ? "HTTP" : undefined;
}

/** Returns the words for an error with which we refuse, with the protocol that the other side speaks where it is known. */
export function refusalText(error: HandshakeError): string | undefined {
  const reason = refusalReason(error);
  if (reason === undefined) return undefined;
  const protocol = error.received === undefined ? undefined : recogniseProtocol(error.received);
  return protocol === undefined ? refusalTexts[reason] : `${refusalTexts[reason]}, but ${protocol}`;
}
