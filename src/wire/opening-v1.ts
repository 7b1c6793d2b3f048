import * as gob from "../gob/index.ts";
import { PeerName } from "../peer-name.ts";
import { HandshakeError } from "./errors.ts";
import {
  encodeFeatures,
  type Features,
  featureLimits,
  featuresSchema,
  filterV1Features,
  malformedFeatures,
} from "./features.ts";
import { DefinitionBudget, GobFrameReader, GobFrameWriter, takeGobMessage } from "./gob-frames.ts";
import { maxHandshakeBytes } from "./handshake-limit.ts";
import { headerBytes } from "./header.ts";
import { encryptionMismatch, KeyAgreement, type Opening, type OpeningContext } from "./opening.ts";
import { keyBytes } from "./sealing.ts";
import { openSession, type Session } from "./session.ts";

const publicKeyFeature = "PublicKey";

/** The limit of all gob messages of the features, their length prefixes (at most 4 bytes each) not counted. */
const maxFeaturesBytes = maxHandshakeBytes - headerBytes;

/**
 * The opening of protocol version 1: right after the header one gob stream begins in each direction, for the life of
 * the connection. Its first value is the features, which are never sealed and so restricted to five; with a password
 * the public key is among them, in hex.
 *
 * Source: protocol.go, `doIntroV1`.
 */
export class OpeningV1 implements Opening {
  readonly phase = "features";
  readonly #context: OpeningContext;
  readonly #decoder = new gob.Decoder({ limits: featureLimits });
  readonly #definitions = new DefinitionBudget();
  /** The gob messages of the features that have been read: type definitions and, last, the value. */
  readonly #read: Uint8Array[] = [];
  #readBytes = 0;
  #features: Features | undefined;
  #agreement: KeyAgreement | undefined;
  #incoming: GobFrameReader | undefined;

  constructor(context: OpeningContext) {
    this.#context = context;
  }

  get heldBytes(): number {
    return this.#featureMemory + this.#definitions.heldBytes;
  }

  /** The memory of the messages, and of the strings in the features, which take up to two bytes for each of theirs. */
  get #featureMemory(): number {
    return 3 * this.#readBytes;
  }

  start(): Uint8Array[] {
    const { keyPair, types, tap } = this.#context;
    const features = filterV1Features(this.#context.features);
    if (keyPair !== undefined) features.set(publicKeyFeature, encodeHex(keyPair.publicKey));
    const bytes = encodeFeatures(features, types);
    tap("out", "features", bytes);
    return [bytes];
  }

  step(): { readonly write: Uint8Array[]; readonly session?: Session } | undefined {
    if (this.#incoming === undefined) {
      const received = this.#readFeatures();
      if (received === undefined) return undefined;
      this.#agree(received);
      this.#features = filterV1Features(received);
      const opener = this.#agreement?.opener;
      this.#incoming = new GobFrameReader(this.#context.queue, this.#decoder, opener, this.#definitions);
    }
    if (this.#agreement === undefined) return this.#open(this.#incoming);
    // With several passwords nothing can be sent until their first message shows the one that they have.
    if (!this.#agreement.settled && !this.#incoming.readAhead()) return undefined;
    return this.#open(this.#incoming);
  }

  endText(): string {
    if (this.#incoming !== undefined) return this.#incoming.end()?.message ?? "EOF";
    return this.#context.queue.length === 0 && this.#read.length === 0 ? "EOF" : "unexpected EOF";
  }

  wipe(): void {
    this.#agreement?.opener.wipe();
  }

  #readFeatures(): Features | undefined {
    for (;;) {
      const left = maxFeaturesBytes - this.#readBytes;
      const taken = takeGobMessage(this.#context.queue, left, maxHandshakeBytes);
      if (taken === undefined) return undefined;
      // Copied, because decoder and tap keep it, and it may be a small part of a large chunk.
      const message = taken.slice();
      this.#read.push(message);
      this.#readBytes += message.length;
      const features = this.#decode(message);
      if (features === undefined) {
        this.#definitions.add(message.length);
        continue;
      }
      this.#context.tap("in", "features", Buffer.concat(this.#read));
      return features;
    }
  }

  /** What a gob message holds; `undefined` if it is a type definition. */
  #decode(message: Uint8Array): Features | undefined {
    try {
      this.#decoder.push(message);
      const result = this.#decoder.read(featuresSchema);
      return result.done ? result.value : undefined;
    } catch (error) {
      throw malformedFeatures(error);
    }
  }

  #agree(received: Features): void {
    const publicKey = received.get(publicKeyFeature);
    const { keyPair } = this.#context;
    if ((publicKey !== undefined) !== (keyPair !== undefined)) {
      throw encryptionMismatch(publicKey === undefined, "features");
    }
    if (publicKey === undefined || keyPair === undefined) return;
    this.#agreement = new KeyAgreement(this.#context, keyPair, decodePublicKey(publicKey));
  }

  #open(incoming: GobFrameReader): { readonly write: Uint8Array[]; readonly session: Session } {
    const sealing = this.#agreement?.seal();
    if (sealing === undefined) this.#context.queue.trustSender();
    const outgoing = new GobFrameWriter(sealing?.sealer);
    const session = openSession({
      ...{ version: 1, features: this.#features!, outgoing, incoming, sealing },
      readAhead: () => void incoming.readAhead(),
      featureMemory: this.#featureMemory,
    });
    return { write: [], session };
  }
}

function encodeHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** The key in the feature: hex of any length, cut or filled with zeros to 32 bytes as the original does. */
function decodePublicKey(text: string): Uint8Array {
  const key = new Uint8Array(keyBytes);
  try {
    // Names of the hash flavour are read by the same function of Go's (hex.DecodeString), with the same errors.
    key.set(PeerName.toBytes(PeerName.parse(text, "hash"), "hash").subarray(0, keyBytes));
  } catch (error) {
    const { message } = error as Error;
    throw new HandshakeError("bad-public-key", message, {
      phase: "features",
      feature: publicKeyFeature,
      cause: error,
    });
  }
  return key;
}
