import * as gob from "../gob/index.ts";
import {
  type DescribedFeatures,
  type DescribedMessage,
  decodeFeatures,
  encodeDescribed,
  encodeFeatures,
  type Features,
  featuresSchema,
  Handshake,
  HandshakeError,
  type Session,
} from "../wire/index.ts";
import type { DecodedSession, DecodedSide } from "./decoded-session.ts";
import { CaptureError } from "./errors.ts";
import { otherSide, type Side } from "./session-file.ts";
import { decodeHex, encodeGoString } from "./text.ts";
import { encodeTopology } from "./topology-json.ts";

/** The bytes of each side of a session. */
export type SessionStreams = Readonly<Record<Side, Uint8Array>>;

/**
 * Makes the bytes of both sides from a decoded session, by running two handshakes against each other with the recorded
 * keys and then sending every message through their sessions.
 *
 * Throws CaptureError `not-recreatable` where the handshakes do not get as far as the record does.
 */
export function recreateSession(decoded: DecodedSession): SessionStreams {
  const sides = {
    dialler: new RecreatedSide("dialler", decoded.dialler),
    listener: new RecreatedSide("listener", decoded.listener),
  };
  const both = ["dialler", "listener"] as const;
  for (const side of both) sides[side].start();
  for (;;) {
    // What each got in this round is what the other had written before it.
    const received = both.map((side) => sides[otherSide(side)].lastWritten);
    const moved = both.map((side, index) => sides[side].step(received[index]!));
    if (!moved.includes(true)) break;
  }
  for (const side of both) sides[side].sendMessages();
  return { dialler: sides.dialler.stream, listener: sides.listener.stream };
}

/** One side of the session that is made anew. */
class RecreatedSide {
  readonly #side: Side;
  readonly #decoded: DecodedSide;
  readonly #handshake: Handshake | undefined;
  readonly #features: DescribedFeatures | undefined;
  readonly #openingParts: number;
  readonly #written: Uint8Array[] = [];
  #session: Session | undefined;
  /** What was written in the last step. */
  lastWritten: Uint8Array = new Uint8Array(0);

  constructor(side: Side, decoded: DecodedSide) {
    this.#side = side;
    this.#decoded = decoded;
    const { parts, password, secretKey } = decoded;
    this.#openingParts = parts.filter(({ kind }) => opening.has(kind)).length;
    const header = parts[0];
    if (header === undefined) return;
    if (header.kind !== "header") throw this.#fault("does not begin with a header");
    this.#features = parts.find((part) => part.kind === "features");
    const features: Features = new Map(this.#features?.entries);
    const { typeId } = this.#features ?? { typeId: 65 };
    this.#handshake = new Handshake({
      minVersion: header.minVersion,
      maxVersion: header.maxVersion,
      features,
      outbound: side === "dialler",
      randomBytes: () => (secretKey === undefined ? new Uint8Array(32) : decodeHex(secretKey)),
      types: new gob.TypeTable().assign(featuresSchema, typeId),
      ...(password !== null && { password: encodeGoString(password) }),
    });
  }

  start(): void {
    if (this.#handshake !== undefined) this.#write([this.#handshake.start()]);
  }

  /** Takes what the other side wrote last, if the record goes on after it; whether anything came of it. */
  step(received: Uint8Array): boolean {
    const written = this.#written.length;
    const more = this.#decoded.parts.length > written || this.#openingParts < this.#decoded.parts.length;
    this.lastWritten = new Uint8Array(0);
    if (this.#handshake === undefined || this.#session !== undefined || received.length === 0) return false;
    if (!more || this.#handshake.phase === "failed") return false;
    try {
      const { write, session } = this.#handshake.push(received);
      this.#session = session;
      this.#write(write.slice(0, this.#openingParts - written));
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      this.#write(error.write.slice(0, this.#openingParts - written));
    }
    return true;
  }

  sendMessages(): void {
    const messages = this.#decoded.parts.slice(this.#openingParts);
    if (this.#written.length !== this.#openingParts) throw this.#fault("does not get through its handshake");
    if (messages.length === 0) return;
    if (this.#session === undefined) throw this.#fault("sends messages after a handshake that fails");
    for (const message of messages) {
      this.#written.push(this.#session.outgoing.encodeMessage(encodeDescribed(message, encodeTopology)));
    }
  }

  get stream(): Uint8Array {
    return Buffer.concat(this.#written);
  }

  #write(pieces: readonly Uint8Array[]): void {
    const ordered = pieces.map((piece) => this.#inRecordedOrder(piece));
    for (const piece of ordered) this.#written.push(piece);
    this.lastWritten = Buffer.concat(ordered);
  }

  /**
   * In version 1 the public key is one of the features, and the handshake puts it last: the order of Go's map, in which it
   * stood elsewhere, is part of the record.
   */
  #inRecordedOrder(piece: Uint8Array): Uint8Array {
    const recorded = this.#features;
    if (recorded === undefined || !recorded.entries.some(([name]) => name === "PublicKey")) return piece;
    let features: Features;
    try {
      features = decodeFeatures(piece);
    } catch {
      return piece;
    }
    const ordered: Features = new Map();
    for (const [name] of recorded.entries) {
      const value = features.get(name);
      if (value !== undefined) ordered.set(name, value);
    }
    return encodeFeatures(ordered, new gob.TypeTable().assign(featuresSchema, recorded.typeId));
  }

  #fault(what: string): CaptureError {
    return new CaptureError("not-recreatable", `the ${this.#side} ${what}`);
  }
}

const opening: ReadonlySet<DescribedMessage["kind"]> = new Set(["header", "key", "features"]);

/** What a side wrote on the wire according to a record. */
export function recordedStreams(
  records: Iterable<{ readonly from: Side; readonly bytes?: Uint8Array }>,
): SessionStreams {
  const pieces: Record<Side, Uint8Array[]> = { dialler: [], listener: [] };
  for (const { from, bytes } of records) if (bytes !== undefined) pieces[from].push(bytes);
  return { dialler: Buffer.concat(pieces.dialler), listener: Buffer.concat(pieces.listener) };
}
