import { PeerName } from "../../../src/peer-name.ts";
import { encodeBroadcast, encodeGossip, encodeUnicast, Tag } from "../../../src/wire/index.ts";
import { defineAttack } from "../attack.ts";
import { gobBytes, gobInt, gobMessage, gobType } from "../bytes/gob.ts";
import { fakeName } from "../bytes/topology.ts";
import type { Field } from "../field.ts";

interface Messages {
  count: number;
  /** The n-th message: tag and body. */
  message(n: number, self: PeerName, field: Field): readonly [tag: number, body: Uint8Array];
}

const nothing = new Uint8Array(0);
const unknown = (n: number) => PeerName.fromBytes(fakeName(n), "mac");
const bigText = "c".repeat(9 * 1024 * 1024);

const variants: Record<string, Messages> = {
  "300,000 unicasts to unknown names": {
    count: 300_000,
    message: (n, self) => [Tag.unicast, encodeUnicast("x", self, unknown(n), nothing)],
  },
  "300,000 unicasts to one unknown name": {
    count: 300_000,
    message: (_, self) => [Tag.unicast, encodeUnicast("x", self, unknown(1), nothing)],
  },
  "300,000 broadcasts from unknown names": {
    count: 300_000,
    message: (n) => [Tag.broadcast, encodeBroadcast("x", unknown(n), nothing)],
  },
  "1,000,000 distinct gossips": {
    count: 1_000_000,
    message: (n, self) => [Tag.gossip, encodeGossip("x", self, Buffer.from(`${n}`))],
  },
  "300,000 channels": {
    count: 300_000,
    message: (n, self) => [Tag.gossip, encodeGossip(`channel${n}`, self, Buffer.of(1))],
  },
  "300,000 channels of unicasts to the victim": {
    count: 300_000,
    message: (n, self, field) => [
      Tag.unicast,
      encodeUnicast(`channel${n}`, self, PeerName.parse(field.spec.victimName), nothing),
    ],
  },
  "1,000,000 heartbeats": { count: 1_000_000, message: () => [Tag.heartbeat, nothing] },
  "300,000 unknown tags": { count: 300_000, message: () => [99, nothing] },
  "300,000 overlay messages": { count: 300_000, message: () => [Tag.overlayControl, nothing] },
  "20 channel names of 9 MiB": {
    count: 20,
    message: (n, self) => [Tag.gossip, encodeGossip(`${n}${bigText}`, self, nothing)],
  },
  "20 unicasts of 9 MiB to an unknown name": {
    count: 20,
    message: (_, self) => [Tag.unicast, encodeUnicast("x", self, unknown(1), new Uint8Array(9 << 20))],
  },
  "a source that is no name": {
    count: 1,
    message: () => [
      Tag.gossip,
      Buffer.concat([
        gobMessage(gobInt(gobType.string), Buffer.of(0), gobBytes("topology")),
        gobMessage(gobInt(gobType.string), Buffer.of(0), gobBytes(Buffer.alloc(9 << 20, 0x1b))),
      ]),
    ],
  },
  "300,000 empty frames": { count: 300_000, message: () => [-1, nothing] },
};

/** Plain frames of all messages, in pieces of about 64 KiB. */
function frames({ count, message }: Messages, field: Field): Buffer[] {
  const pieces: Buffer[] = [];
  let piece: Uint8Array[] = [];
  let size = 0;
  for (let n = 0; n < count; n++) {
    const [tag, body] = message(n, field.name(), field);
    const head = Buffer.alloc(tag < 0 ? 4 : 5);
    head.writeUInt32BE(tag < 0 ? 0 : body.length + 1);
    if (tag >= 0) head[4] = tag;
    piece.push(head, body);
    size += head.length + body.length;
    if (size < 65_536 && n + 1 < count) continue;
    pieces.push(Buffer.concat(piece));
    [piece, size] = [[], 0];
  }
  return pieces;
}

export default defineAttack<Messages>({
  title: "messages of a peer that cost more than they look",
  group: "peer",
  limits: ["surrogate digests", "channels", "log"],
  withinMs: 40_000,
  // Plain, so that all frames can be made beforehand: sealing would hold the attacker back.
  victim: { password: null },
  variants,
  gate: ["300,000 unicasts to unknown names"],
  async run(field, messages) {
    const pieces = frames(messages, field);
    await field.begin();
    const peer = await field.join();
    await field.sleep(200);
    let sent = 0;
    for (const piece of pieces) {
      if (peer.broken !== undefined) break;
      peer.sendBytes(piece);
      await peer.drained();
      sent++;
    }
    await field.sleep(500);
    field.notes.sent = `${sent} of ${pieces.length} pieces`;
    field.notes.disconnected = peer.broken?.message;
  },
});
