import { PeerName } from "../../../src/peer-name.ts";
import { encodeGossip, encodeUnicast, Tag } from "../../../src/wire/index.ts";
import type { RawPeer } from "../../runner/raw-peer.ts";
import { defineAttack } from "../attack.ts";
import type { Field } from "../field.ts";

const frame = (peer: RawPeer, n = 0) =>
  peer.session.outgoing.encode(Tag.gossip, encodeGossip("x", peer.name, Buffer.from(`gossip ${n}`)));

/** The frames that each peer sends after a proper handshake. */
const variants: Record<string, (peer: RawPeer, field: Field) => void> = {
  "a frame replayed": (peer) => {
    const bytes = frame(peer);
    peer.sendBytes(bytes);
    peer.sendBytes(bytes);
  },
  "two frames reordered": (peer) => {
    const [first, second] = [frame(peer, 1), frame(peer, 2)];
    peer.sendBytes(second);
    peer.sendBytes(first);
  },
  "a frame left out": (peer) => {
    frame(peer, 1);
    peer.sendBytes(frame(peer, 2));
  },
  "a bit changed": (peer) => {
    const bytes = frame(peer);
    bytes[bytes.length - 1]! ^= 1;
    peer.sendBytes(bytes);
  },
  "a seal cut short": (peer) => peer.sendBytes(Buffer.from([0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8])),
  "an empty frame": (peer) => peer.sendBytes(Buffer.alloc(4)),
  "a frame of 10 MiB of garbage": (peer) => {
    const bytes = Buffer.alloc(4 + 10 * 1024 * 1024, 0x5a);
    bytes.writeUInt32BE(10 * 1024 * 1024);
    peer.sendBytes(bytes);
  },
  "a frame over the limit": (peer) => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32BE(10 * 1024 * 1024 + 1);
    peer.sendBytes(bytes);
  },
  "a frame of 4 GiB claimed": (peer) => peer.sendBytes(Buffer.from("ffffffff00", "hex")),
  "a message in plain": (peer, field) => {
    const body = encodeUnicast("x", peer.name, PeerName.parse(field.spec.victimName), new Uint8Array(100));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length + 1);
    peer.sendBytes(Buffer.concat([length, Buffer.of(Tag.unicast), body]));
  },
};

export default defineAttack<(peer: RawPeer, field: Field) => void>({
  title: "frames that do not open end their connection and no other",
  group: "crypto",
  variants,
  gate: ["a frame replayed"],
  async run(field, send) {
    await field.begin();
    if (field.spec.control) return;
    let ended = 0;
    for (let i = 0; i < 5; i++) {
      const peer = await field.join(i);
      await field.sleep(50);
      send(peer, field);
      for (let waited = 0; peer.broken === undefined && waited < 2_000; waited += 20) await field.sleep(20);
      if (peer.broken !== undefined) ended++;
      peer.close();
    }
    field.notes.ended = ended;
  },
  check: ({ notes }) =>
    notes.ended === 5 ? undefined : `${notes.ended} of 5 connections were ended, as all have to be`,
});
