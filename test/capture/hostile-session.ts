import {
  Narrator,
  type RecordedSession,
  SessionInspector,
  type SessionPart,
  type SessionRecord,
} from "../../src/capture/index.ts";
import * as gob from "../../src/gob/index.ts";
import { PeerName } from "../../src/index.ts";
import { encodeUpdate, type PeerDescription } from "../../src/topology/index.ts";
import {
  encodeFeatures,
  encodeGossip,
  encodeHeader,
  encodeKey,
  encodeUnicast,
  Tag,
} from "../../src/wire/index.ts";

/** A text with a character of each kind that must not reach a terminal. */
export const hostileText =
  "a\r\n#1 forged\x1b[2J\x07\x7f\u0085\u009b2J\u061c\u200b\u200e\u202e\u2028\u2066\ufeff\u{e0041}\udc9b";

const name = (number: number): PeerName => PeerName.fromUint(number);

/** A message: its tag and its body. */
export function message(tag: number, body: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.concat([Uint8Array.of(tag), body]));
}

/** A description of a peer with `count` connections. */
export function describedPeer(number: number, nickName: string, address: string, count = 1): PeerDescription {
  return {
    name: name(number),
    nickName,
    uid: 7n,
    version: 3n,
    shortId: 9,
    hasShortId: true,
    connections: Array.from({ length: count }, (_, index) => ({
      name: name(100 + index),
      remoteAddress: address,
      outbound: true,
      established: true,
    })),
  };
}

/** A plain session in which each side sends hostile texts wherever a text can stand. */
export function hostileSession(): RecordedSession {
  const features = new Map([
    ["PeerNameFlavour", "mac"],
    ["Name", name(1)],
    ["NickName", hostileText],
    ["UID", "1"],
    ["ConnID", "1"],
    [hostileText, hostileText],
  ]);
  const update = encodeUpdate([describedPeer(1, hostileText, hostileText)]);
  const named = gob.struct(hostileText.toWellFormed(), { [`F${hostileText.toWellFormed()}`]: gob.string });
  const value = gob.encode(named, { [`F${hostileText.toWellFormed()}`]: hostileText } as never);
  const text = new TextEncoder().encode("two\nlines \u202e");
  return session([
    ["header", encodeHeader({ minVersion: 1, maxVersion: 2 })],
    ["key", encodeKey()],
    ["features", encodeFeatures(features)],
    ["message", message(Tag.gossip, encodeGossip("topology", name(1), update))],
    ["message", message(Tag.unicast, encodeUnicast(hostileText, name(1), name(2), text))],
    ["message", message(Tag.broadcast, encodeGossip("default", name(1), value))],
    ["message", message(Tag.gossip, encodeGossip(hostileText, name(1), text).subarray(0, 70))],
  ]);
}

/** A session in which both sides send these parts, with hostile texts in the file's own header. */
export function session(parts: readonly (readonly [SessionPart, Uint8Array])[]): RecordedSession {
  const records = parts.flatMap(([part, bytes]): SessionRecord[] => [
    { at: 0, from: "dialler", part, bytes },
    { at: 0, from: "listener", part, bytes },
  ]);
  return {
    header: {
      format: "weave-mesh-session",
      version: 1,
      layer: "plain",
      started: "2026-01-01T00:00:00.000Z (\x1b[2J)",
      title: hostileText,
      made: { [hostileText]: hostileText },
      dialler: { address: hostileText },
      listener: { address: hostileText },
    },
    records: [...records, { at: 1, from: "dialler", end: "reset" }, { at: 1, from: "listener", end: "fin" }],
  };
}

/** All that a narrator writes of a session. */
export function narrate({ header, records }: RecordedSession): string {
  const inspector = new SessionInspector(header);
  const narrator = new Narrator(inspector);
  const entries = records.flatMap((record) => inspector.push(record));
  const lines = [narrator.opening(), ...entries.map((entry) => narrator.entry(entry))];
  lines.push(...inspector.finish().map((entry) => narrator.entry(entry)), narrator.closing());
  return lines.join("");
}
