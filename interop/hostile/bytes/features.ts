import { gobBytes, gobInt, gobMessage, gobType, gobUint, mapType } from "./gob.ts";

/** The header of a connection: `weave`, lowest and highest version. */
export function header(lowest: number, highest: number): Buffer {
  return Buffer.from([0x77, 0x65, 0x61, 0x76, 0x65, lowest, highest]);
}

/** The gob stream of a features map, in the order given; keys may repeat. */
export function featuresGob(features: Iterable<readonly [string, string | Uint8Array]>): Buffer {
  const pieces: Uint8Array[] = [];
  let count = 0;
  for (const [key, value] of features) {
    pieces.push(gobBytes(key), gobBytes(value));
    count++;
  }
  const body = Buffer.concat([Buffer.of(0), gobUint(count), ...pieces]);
  return Buffer.concat([mapType(65, gobType.string, gobType.string), gobMessage(gobInt(65), body)]);
}

/** The features that every peer must send, with a key that belongs to nobody. */
export function plausibleFeatures(): Map<string, string | Uint8Array> {
  return new Map<string, string | Uint8Array>([
    ["PeerNameFlavour", "mac"],
    ["Name", "02:00:00:00:66:66"],
    ["NickName", "nobody"],
    ["UID", "1234567890"],
    ["ConnID", "987654321"],
    ["PublicKey", "11".repeat(32)],
  ]);
}

/** A version 1 handshake up to the features, with some of them replaced. */
export function versionOneOpening(changes: Iterable<readonly [string, string | Uint8Array]> = []): Buffer {
  const features = plausibleFeatures();
  for (const [key, value] of changes) features.set(key, value);
  return Buffer.concat([header(1, 1), featuresGob(features)]);
}
