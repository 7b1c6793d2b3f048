import type * as gob from "../gob/index.ts";
import type { ByteQueue } from "./byte-queue.ts";
import { FrameError, HandshakeError, type HandshakeErrorCode, type HandshakeFailurePhase } from "./errors.ts";
import type { Features } from "./features.ts";
import type { HandshakeTap } from "./handshake-tap.ts";
import { MessageOpener, MessageSealer } from "./message-number.ts";
import { fastestBackend, type SealingBackend } from "./sealing.ts";
import type { Sealing, Session } from "./session.ts";
import { type KeyPair, sessionKeys } from "./session-key.ts";

/** What an opening is made of. */
export interface OpeningContext {
  /** The received bytes. Those that the opening leaves belong to the session. */
  readonly queue: ByteQueue;
  readonly features: Features;
  readonly outbound: boolean;
  /** Ours, when there is a password; wiped by whoever made it. */
  readonly keyPair: KeyPair | undefined;
  /** The passwords to choose from: none, one, or several on the accepting side. */
  readonly passwords: readonly Uint8Array[];
  /** By default the fastest that is there. */
  readonly backend: SealingBackend | undefined;
  readonly types: gob.TypeTable | undefined;
  /** To be told of each part, in plain. */
  readonly tap: HandshakeTap;
}

/** The part of the handshake that differs between versions: all that comes after the header. */
export interface Opening {
  readonly phase: "key" | "features";
  /** What is written as soon as the header has been read. */
  start(): Uint8Array[];
  /**
   * Takes the next step if its bytes have come. `undefined`: more are needed. Otherwise what is to be written, and the
   * session after the last step. Throws {@link HandshakeError} and {@link FrameError}.
   */
  step(): { readonly write: Uint8Array[]; readonly session?: Session } | undefined;
  /** The memory that the opening keeps besides the queue, in bytes. */
  readonly heldBytes: number;
  /** Go's text for a connection that ends here: `EOF` or `unexpected EOF`. */
  endText(): string;
  /** Overwrites key material. */
  wipe(): void;
}

/**
 * What seals and opens the messages of a connection, once the other side's key is known. With several passwords
 * the first message received shows which key is the right one; there is nothing to seal with until then.
 */
export class KeyAgreement {
  readonly opener: MessageOpener;
  readonly #outbound: boolean;
  readonly #backend: SealingBackend;

  /** `remotePublicKey` has 32 bytes. Source: protocol.go, `setupCrypto`. */
  constructor(context: OpeningContext, keyPair: KeyPair, remotePublicKey: Uint8Array) {
    const keys = sessionKeys(remotePublicKey, keyPair.secretKey, context.passwords);
    this.#outbound = context.outbound;
    this.#backend = context.backend ?? fastestBackend();
    this.opener = new MessageOpener(keys, !context.outbound, this.#backend);
  }

  /** Whether the key is known, be it that there is only one. */
  get settled(): boolean {
    return this.opener.key !== undefined;
  }

  /** A sealer for our direction, from message 0 on. Only when settled. */
  seal(): Sealing {
    const key = this.opener.key!;
    return {
      sessionKey: key,
      sealer: new MessageSealer(key, this.#outbound, this.#backend),
      opener: this.opener,
    };
  }
}

/** The two refusals between a side with a password and one without, in the original's words. */
export function encryptionMismatch(weExpectIt: boolean, phase: HandshakeFailurePhase): HandshakeError {
  return weExpectIt
    ? new HandshakeError(
        "encryption-expected",
        "password specified, but peer requested an unencrypted connection",
        { phase },
      )
    : new HandshakeError(
        "encryption-unexpected",
        "no password specificed, but peer requested an encrypted connection",
        { phase },
      );
}

const frameCodes: Readonly<Record<FrameError["code"], HandshakeErrorCode>> = {
  "frame-too-large": "frame-too-large",
  "cannot-decrypt": "cannot-decrypt",
  "malformed-frame": "malformed-features",
  truncated: "connection-lost",
  wiped: "out-of-order",
};

/**
 * What a step threw, as the error of the handshake, with the bytes that are still to be written; `undefined` if it is no
 * error of this room's (the caller's randomness threw).
 */
export function asHandshakeError(
  error: unknown,
  phase: HandshakeFailurePhase,
  write: readonly Uint8Array[],
): HandshakeError | undefined {
  if (error instanceof HandshakeError) {
    const { phase, cause, feature, received } = error;
    const details = { phase, write, cause, ...(feature && { feature }), ...(received && { received }) };
    return new HandshakeError(error.code, error.message, details);
  }
  if (error instanceof FrameError) {
    return new HandshakeError(frameCodes[error.code], error.message, { phase, write, cause: error });
  }
  return undefined;
}
