/** A part of the handshake's plain conversation. */
export type HandshakePart =
  /** `weave` and two versions. */
  | "header"
  /** Version 2: the encryption flag, and the public key if there is a password. */
  | "key"
  /** The gob of the features: in version 1 as on the wire, in version 2 the opened body of the first frame. */
  | "features";

/** Sees the parts of a handshake, each whole, in plain, before it is acted on. The bytes must not be changed. */
export type HandshakeTap = (direction: "in" | "out", part: HandshakePart, bytes: Uint8Array) => void;
