import type { Flavour } from "../peer-name.ts";
import {
  type DescribedMessage,
  describeFeatures,
  describeHeader,
  describeKey,
  describeMessage,
} from "../wire/index.ts";
import { Dissector } from "./dissector.ts";
import { CaptureError } from "./errors.ts";
import type { Item } from "./item.ts";
import type { KeyRing } from "./key-ring.ts";
import type { RecordedSession, Side } from "./session-file.ts";
import { encodeTopology, topologyDescriber } from "./topology-json.ts";

/** What one side said, decoded: nothing in it is longer than what it means, but for application payloads. */
export interface DecodedSide {
  /** `null` is none. */
  readonly password: string | null;
  /** 64 hex digits; missing on a connection that is not sealed. */
  readonly secretKey?: string;
  /** The header; in version 2 the key; the features; then messages. As far as the side came. */
  readonly parts: readonly DescribedMessage[];
}

/** A session as plain JSON, from which its bytes can be made again: see {@link recreateSession}. */
export interface DecodedSession {
  readonly flavour: Flavour;
  readonly dialler: DecodedSide;
  readonly listener: DecodedSide;
}

/**
 * Decodes a session down to names, numbers and texts. Topology updates are taken apart, application payloads are not.
 *
 * Throws CaptureError `not-recreatable` where something cannot be read, or is sealed and a secret key is not known.
 */
export function decodeSession(session: RecordedSession, keys?: KeyRing): DecodedSession {
  const { header, records } = session;
  const dissector = new Dissector({ header, keys });
  const items: Item[] = [];
  for (const record of records) for (const item of dissector.push(record)) items.push(item);
  for (const item of dissector.finish()) items.push(item);
  const flavour = header.flavour ?? flavourIn(items);
  const side = (from: Side): DecodedSide => {
    const own = items.filter((item) => item.from === from && item.kind !== "end" && item.kind !== "note");
    const parts = own.map((item) => describe(item, flavour));
    const sealed = parts.some((part) => "publicKey" in part) || hasKeyFeature(parts);
    const { password, secretKey } = header[from];
    if (sealed && (secretKey === undefined || password === undefined || password === null)) {
      throw new CaptureError("not-recreatable", `the ${from}'s secret key and password are not known`);
    }
    return { password: password ?? null, ...(sealed && { secretKey: secretKey! }), parts };
  };
  return { flavour, dialler: side("dialler"), listener: side("listener") };
}

function describe(item: Item, flavour: Flavour): DescribedMessage {
  switch (item.kind) {
    case "header":
      return describeHeader(item.bytes);
    case "key":
      return describeKey(item.bytes);
    case "features":
      return describeFeatures(item.bytes);
    case "message": {
      return describeMessage(item.bytes, flavour, topologyDescriber(flavour), encodeTopology);
    }
    default: {
      const reason = item.kind === "damage" ? item.reason : "a message that no key opens";
      throw new CaptureError("not-recreatable", `the ${item.from}, at offset ${item.offset}: ${reason}`);
    }
  }
}

function hasKeyFeature(parts: readonly DescribedMessage[]): boolean {
  return parts.some(
    (part) => part.kind === "features" && part.entries.some(([name]) => name === "PublicKey"),
  );
}

function flavourIn(items: readonly Item[]): Flavour {
  const features = items.find((item) => item.kind === "features");
  return features?.features.get("PeerNameFlavour") === "hash" ? "hash" : "mac";
}
