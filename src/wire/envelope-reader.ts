import * as gob from "../gob/index.ts";
import { type Flavour, PeerName } from "../peer-name.ts";
import { EnvelopeError, type EnvelopeField } from "./errors.ts";
import { type GobTarget, goErrorText } from "./gob-error-text.ts";
import { gobUintBytesFrom, maxUintBytes, readGobUint } from "./gob-integers.ts";
import { wireType } from "./gob-values.ts";
import { Memo } from "./memo.ts";

const macNames = new Memo(4096, (uint: number) => PeerName.fromUint(uint));

/** What the original decodes them into. */
const goTypes = {
  channel: { type: "string" },
  "peer name": { type: "mesh.PeerName" },
  payload: { type: "[]uint8" },
} as const satisfies Record<EnvelopeField, GobTarget>;

/**
 * Decodes the values of a gossip message one by one, when they are asked for: what a peer only relays is never decoded
 * beyond what routing needs, and faults in it are somebody else's, as in the original. Bytes after the last value
 * are allowed.
 *
 *     const message = new EnvelopeReader(body, "mac");
 *     message.channel(); message.peerName(); message.payload();                        // gossip, broadcast
 *     message.channel(); message.peerName(); message.peerName(); message.payload();    // unicast: source, destination
 *
 * Every call throws {@link EnvelopeError} `truncated` or `malformed-envelope`; the text is Go's.
 *
 * Source: router.go, `handleGossip`; gossip_channel.go, `deliver`, `deliverUnicast`, `deliverBroadcast`.
 */
export class EnvelopeReader {
  readonly #body: Uint8Array;
  readonly #flavour: Flavour;
  #at = 0;
  /** Reads on where a value is not of the one form that Go sends. */
  #decoder: gob.Decoder | undefined;

  /** `body` is the message without its tag; it is read, never changed. */
  constructor(body: Uint8Array, flavour: Flavour) {
    this.#body = body;
    this.#flavour = flavour;
  }

  /** Where the next value begins, in bytes. */
  get offset(): number {
    return this.#at;
  }

  /** The next value, a channel name. */
  channel(): string {
    const bytes = this.#plain(wireType.string);
    return bytes === undefined ? this.#decode("channel", gob.string) : gob.decodeUtf8(bytes);
  }

  /**
   * The next value, a peer name. As in the original it is not checked: in the hash flavour any string comes through, and
   * is simply a peer that nobody knows.
   */
  peerName(): PeerName {
    if (this.#flavour === "hash") {
      const bytes = this.#plain(wireType.string);
      return (
        bytes === undefined ? this.#decode("peer name", gob.string) : gob.decodeUtf8(bytes)
      ) as PeerName;
    }
    const uint = this.#plainUint();
    return uint === undefined ? PeerName.fromUint(this.#decode("peer name", gob.uint64)) : macNames.get(uint);
  }

  /** The next value, the payload: as a rule a view of the message. */
  payload(): Uint8Array {
    return this.#plain(wireType.bytes) ?? this.#decode("payload", gob.bytes);
  }

  /**
   * The bytes of a string or []byte value of the usual form: length, type, 00, count, bytes, where the lengths agree.
   * `undefined`: it is of another form, or wrong.
   */
  #plain(type: number): Uint8Array | undefined {
    if (this.#decoder !== undefined) return undefined;
    const end = this.#plainEnd(type);
    if (end === undefined) return undefined;
    const body = this.#body;
    const countAt = end.valueAt;
    const countBytes = gobUintBytesFrom(body[countAt]!);
    const start = countAt + countBytes;
    if (countBytes > maxUintBytes || start > end.at || start + readGobUint(body, countAt) !== end.at)
      return undefined;
    this.#at = end.at;
    return body.subarray(start, end.at);
  }

  /** An unsigned integer of the usual form that is a safe integer. */
  #plainUint(): number | undefined {
    if (this.#decoder !== undefined) return undefined;
    const end = this.#plainEnd(wireType.uint);
    if (end === undefined) return undefined;
    const bytes = gobUintBytesFrom(this.#body[end.valueAt]!);
    // Six bytes and the count of them: the 48 bits of a name. Wider ones are for the decoder's 64-bit integers.
    if (bytes > 7 || end.valueAt + bytes !== end.at) return undefined;
    this.#at = end.at;
    return readGobUint(this.#body, end.valueAt);
  }

  /** Where the value of a gob message of this type stands and where the message ends. */
  #plainEnd(type: number): { readonly valueAt: number; readonly at: number } | undefined {
    const body = this.#body;
    const first = body[this.#at];
    if (first === undefined) return undefined;
    const lengthBytes = gobUintBytesFrom(first);
    const typeAt = this.#at + lengthBytes;
    if (
      lengthBytes > maxUintBytes ||
      typeAt + 2 >= body.length ||
      body[typeAt] !== type ||
      body[typeAt + 1] !== 0
    )
      return undefined;
    const at = typeAt + readGobUint(body, this.#at);
    return at > typeAt + 2 && at <= body.length ? { valueAt: typeAt + 2, at } : undefined;
  }

  #decode<T>(field: EnvelopeField, schema: gob.Schema<T>): T {
    const offset = this.#at;
    let decoder = this.#decoder;
    if (decoder === undefined) {
      decoder = new gob.Decoder();
      decoder.push(this.#body.subarray(offset));
      this.#decoder = decoder;
    }
    const before = decoder.offset;
    try {
      const result = decoder.read(schema);
      if (result.done) {
        this.#at += decoder.offset - before;
        return result.value;
      }
    } catch (error) {
      const message =
        error instanceof gob.GobError
          ? goErrorText(error, { ...goTypes[field], ourType: schema.type.text, start: before })
          : (error as Error).message;
      throw new EnvelopeError("malformed-envelope", message, { field, offset, cause: error });
    }
    const text = offset === this.#body.length ? "EOF" : "unexpected EOF";
    throw new EnvelopeError("truncated", text, { field, offset });
  }
}
