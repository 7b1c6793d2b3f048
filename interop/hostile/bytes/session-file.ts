import { PeerName } from "../../../src/peer-name.ts";
import { encodeBroadcast, encodeGossip, Tag } from "../../../src/wire/index.ts";
import { featuresGob, header } from "./features.ts";

/** The parts of a recorded conversation. */
export interface Conversation {
  /** Of both sides; default ours. */
  nickName?: string;
  /** Messages of the dialler, tag first. */
  messages: readonly Uint8Array[];
}

const dialler = PeerName.parse("02:00:00:00:00:01");
const listener = PeerName.parse("02:00:00:00:00:02");

function features(name: string, nickName: string): Buffer {
  return featuresGob([
    ["PeerNameFlavour", "mac"],
    ["Name", name],
    ["NickName", nickName],
    ["ShortID", "5"],
    ["UID", "12345"],
    ["ConnID", name.endsWith("1") ? "111" : "222"],
    ["Trusted", "false"],
  ]);
}

/** A gossip message of the dialler with this channel and payload. */
export function gossipMessage(channel: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(Tag.gossip), encodeGossip(channel, dialler, payload)]);
}

/** The same as a broadcast. */
export function broadcastMessage(channel: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(Tag.broadcast), encodeBroadcast(channel, dialler, payload)]);
}

/** A session file of the layer "plain", version 2 (fixtures/README.md). */
export function sessionFile({ nickName = "a", messages }: Conversation): string {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  const lines: object[] = [
    {
      ...{ format: "weave-mesh-session", version: 1, layer: "plain", started: "2020-01-02T03:04:05.006Z" },
      ...{ title: nickName, flavour: "mac", protocol: 2 },
      dialler: { address: "10.0.0.1:40000" },
      listener: { address: "10.0.0.2:6783" },
    },
    { at: 0, from: "dialler", part: "header", bytes: hex(header(1, 2)) },
    { at: 0, from: "listener", part: "header", bytes: hex(header(1, 2)) },
    { at: 1, from: "dialler", part: "key", bytes: "00" },
    { at: 1, from: "listener", part: "key", bytes: "00" },
    { at: 2, from: "dialler", part: "features", bytes: hex(features(dialler, nickName)) },
    { at: 2, from: "listener", part: "features", bytes: hex(features(listener, nickName)) },
    ...messages.map((message, i) => ({
      ...{ at: 3 + i, from: "dialler", part: "message", bytes: hex(message) },
    })),
    { at: 4 + messages.length, from: "dialler", end: "fin" },
    { at: 4 + messages.length, from: "listener", end: "fin" },
  ];
  return `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
}

const frame = (body: Uint8Array) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
};

/** The bytes of both directions of a plain version 2 connection. */
export function plainStreams({ nickName = "a", messages }: Conversation): {
  dialler: Buffer;
  listener: Buffer;
} {
  const opening = (name: string) =>
    Buffer.concat([header(1, 2), Buffer.of(0), frame(features(name, nickName))]);
  return {
    dialler: Buffer.concat([opening(dialler), ...messages.map(frame)]),
    listener: opening(listener),
  };
}
