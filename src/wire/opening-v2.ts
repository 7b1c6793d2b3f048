import { HandshakeError } from "./errors.ts";
import { decodeFeatures, encodeFeatures } from "./features.ts";
import { maxHandshakeBytes } from "./handshake-limit.ts";
import { headerBytes } from "./header.ts";
import { LengthPrefixedFrameReader, LengthPrefixedFrameWriter } from "./length-prefixed-frames.ts";
import { encryptionMismatch, KeyAgreement, type Opening, type OpeningContext } from "./opening.ts";
import { keyBytes } from "./sealing.ts";
import { openSession, type Sealing, type Session } from "./session.ts";

/** The limit of the features frame: what the handshake's limit leaves after header, flag, key and the frame's length. */
const maxFeaturesBytes = maxHandshakeBytes - headerBytes - 1 - keyBytes - 4;

/**
 * The opening of protocol version 2, each way:
 *
 *     00                        no password             01 public key (32 bytes)     password
 *     frame: features                                   sealed frame: features
 *
 * Source: protocol.go, `doIntroV2`.
 */
export class OpeningV2 implements Opening {
  readonly #context: OpeningContext;
  /** The flag has been read and a key follows. */
  #flagged = false;
  #agreement: KeyAgreement | undefined;
  #sealing: Sealing | undefined;
  #outgoing: LengthPrefixedFrameWriter | undefined;
  #incoming: LengthPrefixedFrameReader | undefined;

  constructor(context: OpeningContext) {
    this.#context = context;
  }

  get phase(): "key" | "features" {
    return this.#incoming === undefined ? "key" : "features";
  }

  get heldBytes(): number {
    return 0;
  }

  start(): Uint8Array[] {
    const key = encodeKey(this.#context.keyPair?.publicKey);
    this.#context.tap("out", "key", key);
    return [key];
  }

  step(): { readonly write: Uint8Array[]; readonly session?: Session } | undefined {
    return this.#incoming === undefined ? this.#readKey() : this.#readFeatures(this.#incoming);
  }

  endText(): string {
    if (this.#incoming !== undefined) return this.#incoming.end()?.message ?? "EOF";
    // The original reads flag and key apart: an end right after the flag is a plain EOF, too.
    return this.#context.queue.length === 0 ? "EOF" : "unexpected EOF";
  }

  wipe(): void {
    this.#agreement?.opener.wipe();
    this.#sealing?.sealer.wipe();
  }

  #readKey(): { readonly write: Uint8Array[] } | undefined {
    const { queue, keyPair, tap } = this.#context;
    if (!this.#flagged) {
      const flag = queue.take(1)?.[0];
      if (flag === undefined) return undefined;
      if (flag > 1)
        throw new HandshakeError("bad-encryption-flag", `Bad encryption flag ${flag}`, { phase: "key" });
      if ((flag === 1) !== (keyPair !== undefined)) throw encryptionMismatch(flag === 0, "key");
      this.#flagged = true;
    }
    if (keyPair === undefined) {
      tap("in", "key", encodeKey());
      this.#incoming = new LengthPrefixedFrameReader(queue);
      return { write: [this.#writeFeatures(new LengthPrefixedFrameWriter())] };
    }
    const remotePublicKey = queue.take(keyBytes);
    if (remotePublicKey === undefined) return undefined;
    tap("in", "key", encodeKey(remotePublicKey));
    this.#agreement = new KeyAgreement(this.#context, keyPair, remotePublicKey);
    this.#incoming = new LengthPrefixedFrameReader(queue, this.#agreement.opener);
    // With several passwords our first frame waits for theirs, which shows the one that they have.
    return { write: this.#agreement.settled ? [this.#writeSealedFeatures(this.#agreement)] : [] };
  }

  #readFeatures(incoming: LengthPrefixedFrameReader): ReturnType<Opening["step"]> {
    const message = incoming.next(maxFeaturesBytes);
    if (message === undefined) return undefined;
    this.#context.tap("in", "features", message);
    const write =
      this.#outgoing === undefined && this.#agreement !== undefined
        ? [this.#writeSealedFeatures(this.#agreement)]
        : [];
    const features = decodeFeatures(message);
    this.#context.queue.trustSender();
    const outgoing = this.#outgoing!;
    return {
      write,
      session: openSession({ version: 2, features, outgoing, incoming, sealing: this.#sealing }),
    };
  }

  #writeSealedFeatures(agreement: KeyAgreement): Uint8Array {
    this.#sealing = agreement.seal();
    return this.#writeFeatures(new LengthPrefixedFrameWriter(this.#sealing.sealer));
  }

  #writeFeatures(outgoing: LengthPrefixedFrameWriter): Uint8Array {
    this.#outgoing = outgoing;
    const features = encodeFeatures(this.#context.features, this.#context.types);
    this.#context.tap("out", "features", features);
    return outgoing.encodeMessage(features);
  }
}

/**
 * The key part of version 2: flag 0, or flag 1 and the public key.
 *
 * Source: protocol.go, `doIntroV2`.
 */
export function encodeKey(publicKey?: Uint8Array): Uint8Array {
  if (publicKey === undefined) return Uint8Array.of(0);
  const bytes = new Uint8Array(1 + keyBytes);
  bytes[0] = 1;
  bytes.set(publicKey, 1);
  return bytes;
}
