import { encodeGossip, Tag } from "../../../src/wire/index.ts";
import type { RawPeer } from "../../runner/raw-peer.ts";
import { defineAttack } from "../attack.ts";

const frame = (peer: RawPeer, n = 0) =>
  peer.session.outgoing.encode(Tag.gossip, encodeGossip("x", peer.name, Buffer.from(`gossip ${n}`)));

const variants: Record<string, (peer: RawPeer) => void> = {
  "a message replayed": (peer) => {
    const bytes = frame(peer);
    peer.sendBytes(bytes);
    peer.sendBytes(bytes);
  },
  "two messages reordered": (peer) => {
    const [first, second] = [frame(peer, 1), frame(peer, 2)];
    peer.sendBytes(second);
    peer.sendBytes(first);
  },
  "a bit changed": (peer) => {
    const bytes = frame(peer);
    bytes[bytes.length - 1]! ^= 1;
    peer.sendBytes(bytes);
  },
  "a message that is no gob": (peer) => peer.sendBytes(Buffer.alloc(4096, 0xff)),
};

export default defineAttack<(peer: RawPeer) => void>({
  title: "version 1 messages that do not open end their connection and no other",
  group: "crypto",
  honestVersion: 1,
  variants,
  async run(field, send) {
    await field.begin();
    if (field.spec.control) return;
    let ended = 0;
    for (let i = 0; i < 5; i++) {
      const peer = await field.join(i, { version: 1 });
      await field.sleep(50);
      send(peer);
      for (let waited = 0; peer.broken === undefined && waited < 2_000; waited += 20) await field.sleep(20);
      if (peer.broken !== undefined) ended++;
      peer.close();
    }
    field.notes.ended = ended;
  },
  check: ({ notes }) =>
    notes.ended === 5 ? undefined : `${notes.ended} of 5 connections were ended, as all have to be`,
});
