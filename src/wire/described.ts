import { escapeText } from "../go-text/index.ts";
import * as gob from "../gob/index.ts";
import type { Flavour, PeerName } from "../peer-name.ts";
import { encodeBroadcast, encodeGossip, encodeUnicast } from "./envelope.ts";
import { EnvelopeReader } from "./envelope-reader.ts";
import { type Features, featuresSchema } from "./features.ts";
import { decodeHeader, encodeHeader, headerBytes } from "./header.ts";
import { encodeKey } from "./opening-v2.ts";
import { keyBytes } from "./sealing.ts";
import { Tag } from "./tag.ts";

/** The seven bytes that open a connection. */
export interface DescribedHeader {
  readonly kind: "header";
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** The key part of version 2; `publicKey` in hex, missing on a plain connection. */
export interface DescribedKey {
  readonly kind: "key";
  readonly publicKey?: string;
}

/** Features, in their order, with the gob id that their type had. */
export interface DescribedFeatures {
  readonly kind: "features";
  readonly typeId: number;
  readonly entries: readonly (readonly [name: string, value: string])[];
}

/** A gossip, unicast or broadcast message. */
export interface DescribedEnvelope {
  readonly kind: "gossip" | "unicast" | "broadcast";
  readonly channel: string;
  readonly source: string;
  /** Of a unicast only. */
  readonly destination?: string;
  /** In base64, or as an object that the caller's {@link PayloadDescriber} made of it. */
  readonly payload: string | object;
  /** Bytes after the payload, in base64; missing if there are none. */
  readonly trailing?: string;
}

/** A message of another kind: its tag and what follows it, in base64. */
export interface DescribedOther {
  readonly kind: "heartbeat" | "overlay-control" | "unknown";
  readonly tag: number;
  readonly payload: string;
}

/** Bytes that no other form describes exactly, in base64: an empty message, or one that no Go peer makes. */
export interface DescribedRaw {
  readonly kind: "raw";
  readonly bytes: string;
}

/** The parts that one side sent, as plain JSON: numbers, strings, arrays and objects only. */
export type DescribedMessage =
  | DescribedHeader
  | DescribedKey
  | DescribedFeatures
  | DescribedEnvelope
  | DescribedOther
  | DescribedRaw;

/** Makes JSON of an application payload, or gives `undefined` to leave it in base64. */
export type PayloadDescriber = (channel: string, payload: Uint8Array) => object | undefined;
/** The way back of a {@link PayloadDescriber}: identical bytes. */
export type PayloadEncoder = (channel: string, described: object) => Uint8Array;

/** Describes the header of a connection. */
export function describeHeader(header: Uint8Array): DescribedHeader | DescribedRaw {
  return exactly(header, () =>
    header.length === headerBytes ? { kind: "header", ...decodeHeader(header) } : undefined,
  );
}

/** Describes the key part of version 2: the flag, and the key if there is one. */
export function describeKey(key: Uint8Array): DescribedKey | DescribedRaw {
  return exactly(key, () => {
    if (key.length === 1) return { kind: "key" };
    if (key.length !== 1 + keyBytes) return undefined;
    return { kind: "key", publicKey: Buffer.from(key.subarray(1)).toString("hex") };
  });
}

/** Describes features: the plain body of the features frame (version 2), or the start of the gob stream (version 1). */
export function describeFeatures(features: Uint8Array): DescribedFeatures | DescribedRaw {
  return exactly(features, () => {
    const decoder = new gob.Decoder();
    decoder.push(features);
    const result = decoder.read(featuresSchema);
    if (!result.done) return undefined;
    return { kind: "features", typeId: decoder.types.idOf(featuresSchema), entries: [...result.value] };
  });
}

/**
 * Describes a message, plain, with its tag. `describePayload` may look into payloads; what it makes of one is kept only
 * if `encodePayload` gives identical bytes back.
 *
 * The promise of all of these: {@link encodeDescribed} gives identical bytes, also after JSON and in another process,
 * because what would not come back exactly is left as it is (payload in base64, kind `raw`).
 */
export function describeMessage(
  message: Uint8Array,
  flavour: Flavour,
  describePayload?: PayloadDescriber,
  encodePayload?: PayloadEncoder,
): DescribedEnvelope | DescribedOther | DescribedRaw {
  return exactly(
    message,
    () => {
      const tag = message[0];
      if (tag === undefined) return undefined;
      const kind = envelopeKinds.get(tag);
      if (kind === undefined) return { kind: otherKind(tag), tag, payload: toBase64(message.subarray(1)) };
      const body = message.subarray(1);
      const reader = new EnvelopeReader(body, flavour);
      const channel = reader.channel();
      const source = reader.peerName();
      const destination = kind === "unicast" ? { destination: reader.peerName() } : {};
      const payload = reader.payload();
      const trailing =
        reader.offset < body.length ? { trailing: toBase64(body.subarray(reader.offset)) } : {};
      const described = describedPayload(channel, payload, describePayload, encodePayload);
      return { kind, channel, source, ...destination, payload: described, ...trailing };
    },
    encodePayload,
  );
}

/**
 * The bytes that were described: the header, the key part, the gob of the features, a message with its tag. Takes what
 * came out of JSON, too. Throws TypeError if a payload is an object and there is no `encodePayload` for it.
 */
export function encodeDescribed(described: DescribedMessage, encodePayload?: PayloadEncoder): Uint8Array {
  switch (described.kind) {
    case "raw":
      return fromBase64(described.bytes);
    case "header":
      return encodeHeader(described);
    case "key":
      return encodeKey(described.publicKey === undefined ? undefined : hexBytes(described.publicKey));
    case "features": {
      const types = new gob.TypeTable().assign(featuresSchema, described.typeId);
      const features: Features = new Map(described.entries);
      return gob.encode(featuresSchema, features, { types });
    }
    case "gossip":
    case "unicast":
    case "broadcast":
      return encodeEnvelope(described, encodePayload);
    default:
      return Buffer.concat([Uint8Array.of(described.tag), fromBase64(described.payload)]);
  }
}

const envelopeKinds: ReadonlyMap<number, DescribedEnvelope["kind"]> = new Map([
  [Tag.gossip, "gossip"],
  [Tag.unicast, "unicast"],
  [Tag.broadcast, "broadcast"],
]);

function otherKind(tag: number): DescribedOther["kind"] {
  if (tag === Tag.heartbeat) return "heartbeat";
  return tag <= Tag.reserved3 || tag === Tag.overlayControl ? "overlay-control" : "unknown";
}

function encodeEnvelope(described: DescribedEnvelope, encodePayload?: PayloadEncoder): Uint8Array {
  const { kind, channel } = described;
  const source = described.source as PeerName;
  let payload: Uint8Array;
  if (typeof described.payload === "string") payload = fromBase64(described.payload);
  else if (encodePayload !== undefined) payload = encodePayload(channel, described.payload);
  else
    throw new TypeError(
      `the payload on channel ${escapeText(channel)} is an object and there is nothing to encode it`,
    );
  const body =
    kind === "unicast"
      ? encodeUnicast(channel, source, described.destination as PeerName, payload)
      : kind === "gossip"
        ? encodeGossip(channel, source, payload)
        : encodeBroadcast(channel, source, payload);
  return Buffer.concat([Uint8Array.of(Tag[kind]), body, fromBase64(described.trailing ?? "")]);
}

function describedPayload(
  channel: string,
  payload: Uint8Array,
  describePayload: PayloadDescriber | undefined,
  encodePayload: PayloadEncoder | undefined,
): string | object {
  const described = attempt(() => describePayload?.(channel, payload));
  if (described !== undefined && encodePayload !== undefined) {
    const encoded = attempt(() => encodePayload(channel, throughJson(described)));
    if (encoded !== undefined && Buffer.compare(encoded, payload) === 0) return described;
  }
  return toBase64(payload);
}

/** The description of the bytes if encoding it gives the same bytes; the bytes themselves otherwise. */
function exactly<T extends DescribedMessage>(
  bytes: Uint8Array,
  describe: () => T | undefined,
  encodePayload?: PayloadEncoder,
): T | DescribedRaw {
  const described = attempt(describe);
  if (described !== undefined) {
    const encoded = attempt(() => encodeDescribed(throughJson(described), encodePayload));
    if (encoded !== undefined && Buffer.compare(encoded, bytes) === 0) return described;
  }
  return { kind: "raw", bytes: toBase64(bytes) };
}

/** The result of an action, or undefined if it throws: any bytes can be described, if only as bytes. */
function attempt<T>(action: () => T | undefined): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

function hexBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}
