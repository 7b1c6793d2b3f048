import { escapeText, quoteAsGo } from "../go-text/index.ts";
import * as gob from "../gob/index.ts";
import { type Flavour, PeerName } from "../peer-name.ts";
import { HandshakeError, type HandshakeErrorCode } from "./errors.ts";
import { readUsualFeatures, writeUsualFeatures } from "./features-bytes.ts";
import { goErrorText } from "./gob-error-text.ts";

/**
 * What each side tells the other of itself: strings by name, in the order in which they stand on the wire. Values may
 * hold bytes that are not UTF-8, as gob's strings do.
 */
export type Features = Map<string, string>;

/** The gob type of the features, to fix its id in a `gob.TypeTable`: Go's `map[string]string`. */
export const featuresSchema = gob.map(gob.string, gob.string);

/** The features that version 1 may carry, as it does not seal them. Source: protocol.go, `protocolV1Features`. */
const v1Features: ReadonlySet<string> = new Set(["ConnID", "Name", "NickName", "PeerNameFlavour", "UID"]);

/**
 * The limits on received features. Peers send 5 to 7, overlays and the public key add a few; the rest of the limits are
 * gob's. Go has no limit on their number.
 */
export const featureLimits: Partial<gob.Limits> = { elements: 1024 };

/** Those of the features that version 1 may carry, in their order. Source: protocol.go, `filterV1Features`. */
export function filterV1Features(features: Features): Features {
  return new Map([...features].filter(([name]) => v1Features.has(name)));
}

/**
 * The features as a gob stream of one value, type definition first. `types` fixes the id of the type; without it, 65.
 *
 * Source: protocol.go, `doIntroV2`.
 */
export function encodeFeatures(features: Features, types?: gob.TypeTable): Uint8Array {
  if (types !== undefined) return gob.encode(featuresSchema, features, { types });
  return writeUsualFeatures(features) ?? gob.encode(featuresSchema, features);
}

/**
 * The features in a gob stream; bytes after the value are allowed. Throws {@link HandshakeError}
 * `malformed-features`.
 */
export function decodeFeatures(bytes: Uint8Array): Features {
  const usual = readUsualFeatures(bytes);
  if (usual !== undefined) return usual;
  const decoder = new gob.Decoder({ limits: featureLimits });
  decoder.push(bytes);
  try {
    const result = decoder.read(featuresSchema);
    if (result.done) return result.value;
  } catch (error) {
    throw malformedFeatures(error);
  }
  throw malformedFeatures(undefined, bytes.length === 0 ? "EOF" : "unexpected EOF");
}

/** The error for features that gob cannot read; its text is Go's. */
export function malformedFeatures(cause: unknown, message = featuresErrorText(cause)): HandshakeError {
  return new HandshakeError("malformed-features", message, { phase: "features", cause });
}

function featuresErrorText(cause: unknown): string {
  return cause instanceof gob.GobError
    ? goErrorText(cause, { type: "map[string]string" })
    : (cause as Error).message;
}

/** The identity of the other side, as its features say. */
export interface RemoteIdentity {
  readonly name: PeerName;
  readonly nickName: string;
  /** 12 bits; missing when the other side has none or speaks version 1. */
  readonly shortId?: number;
  /** Chosen by the peer at its start. */
  readonly uid: bigint;
  /** The other side's half of the connection's UID, which is the exclusive or of both. */
  readonly connId: bigint;
  /** Whether our address lies in a subnet that the other side trusts. */
  readonly trusted: boolean;
}

const mandatoryFeatures = ["PeerNameFlavour", "Name", "NickName", "UID", "ConnID"] as const;
const shortIdBits = 12;

/**
 * Checks and reads the features of the other side. Features that are not known here (an overlay's) are passed over.
 *
 * Throws {@link HandshakeError}, the first that applies: `missing-feature`, `flavour-mismatch`, `malformed-feature`
 * (Name, ShortID, Trusted, UID, ConnID in this order; `feature` says which, the text is Go's).
 *
 * Source: connection.go, `parseFeatures`, `mustHave`.
 */
export function parseFeatures(features: Features, flavour: Flavour): RemoteIdentity {
  for (const name of mandatoryFeatures) {
    if (!features.has(name)) throw featureError("missing-feature", name, `field ${name} is missing`);
  }
  const theirs = features.get("PeerNameFlavour")!;
  if (theirs !== flavour) {
    const text = `Peer name flavour mismatch (ours: '${flavour}', theirs: '${escapeText(theirs)}')`;
    throw featureError("flavour-mismatch", "PeerNameFlavour", text);
  }
  const name = parsePeerName(features.get("Name")!, flavour);
  const shortId = features.get("ShortID");
  const shortIdField =
    shortId === undefined ? {} : { shortId: Number(parseUint(shortId, shortIdBits, "ShortID")) };
  const trusted = features.get("Trusted");
  return {
    name,
    nickName: features.get("NickName")!,
    ...shortIdField,
    trusted: trusted !== undefined && parseBool(trusted, "Trusted"),
    uid: parseUint(features.get("UID")!, 64, "UID"),
    connId: parseUint(features.get("ConnID")!, 64, "ConnID"),
  };
}

function parsePeerName(text: string, flavour: Flavour): PeerName {
  try {
    return PeerName.parse(text, flavour);
  } catch (error) {
    throw featureError("malformed-feature", "Name", (error as Error).message, error);
  }
}

/** The most digits of a number that fits 64 bits, without leading zeros. */
const maxUintDigits = 20;

/**
 * Parses a decimal number as Go's strconv.ParseUint does: digits only, and the first fault counts, a character or the range.
 * After leading zeros at most 21 characters decide.
 */
function parseUint(text: string, bits: number, feature: string): bigint {
  const fault = (reason: string) =>
    featureError("malformed-feature", feature, `strconv.ParseUint: parsing ${quoteAsGo(text)}: ${reason}`);
  const limit = 1n << BigInt(bits);
  if (text === "") throw fault("invalid syntax");
  const significant = text.search(/[^0]|$/);
  let value = 0n;
  for (const char of text.slice(significant, significant + maxUintDigits + 1)) {
    if (char < "0" || char > "9") throw fault("invalid syntax");
    value = value * 10n + BigInt(char);
    if (value >= limit) throw fault("value out of range");
  }
  return value;
}

/** Go's strconv.ParseBool. */
function parseBool(text: string, feature: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  const message = `strconv.ParseBool: parsing ${quoteAsGo(text)}: invalid syntax`;
  throw featureError("malformed-feature", feature, message);
}

function featureError(
  code: HandshakeErrorCode,
  feature: string,
  message: string,
  cause?: unknown,
): HandshakeError {
  return new HandshakeError(code, message, { phase: "features", feature, cause });
}
