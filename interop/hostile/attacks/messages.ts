import { PeerName } from "../../../src/peer-name.ts";
import { encodeBroadcast, encodeGossip, encodeUnicast, Tag } from "../../../src/wire/index.ts";
import type { RawPeer } from "../../runner/raw-peer.ts";
import { defineAttack } from "../attack.ts";
import { gobBytes, gobInt, gobMessage, gobType } from "../bytes/gob.ts";
import { fakeName } from "../bytes/topology.ts";
import type { Field } from "../field.ts";

interface Messages {
  count: number;
  send(peer: RawPeer, n: number, field: Field): void;
  withinMs?: number;
}

const nothing = new Uint8Array(0);
const unknown = (n: number) => PeerName.fromBytes(fakeName(n), "mac");
const bigText = "c".repeat(9 * 1024 * 1024);

const variants: Record<string, Messages> = {
  "300,000 unicasts to unknown names": {
    count: 300_000,
    send: (peer, n) => peer.send(Tag.unicast, encodeUnicast("x", peer.name, unknown(n), nothing)),
  },
  "300,000 unicasts to one unknown name": {
    count: 300_000,
    send: (peer) => peer.send(Tag.unicast, encodeUnicast("x", peer.name, unknown(1), nothing)),
  },
  "300,000 broadcasts from unknown names": {
    count: 300_000,
    send: (peer, n) => peer.send(Tag.broadcast, encodeBroadcast("x", unknown(n), nothing)),
  },
  "1,000,000 distinct gossips": {
    count: 1_000_000,
    send: (peer, n) => peer.send(Tag.gossip, encodeGossip("x", peer.name, Buffer.from(`${n}`))),
  },
  "300,000 channels": {
    count: 300_000,
    send: (peer, n) => peer.send(Tag.gossip, encodeGossip(`channel${n}`, peer.name, Buffer.of(1))),
  },
  "300,000 channels of unicasts to the victim": {
    count: 300_000,
    send: (peer, n, field) =>
      peer.send(
        Tag.unicast,
        encodeUnicast(`channel${n}`, peer.name, PeerName.parse(field.spec.victimName), nothing),
      ),
  },
  "1,000,000 heartbeats": { count: 1_000_000, send: (peer) => peer.send(Tag.heartbeat, nothing) },
  "300,000 unknown tags": { count: 300_000, send: (peer) => peer.send(99, nothing) },
  "300,000 overlay messages": { count: 300_000, send: (peer) => peer.send(Tag.overlayControl, nothing) },
  "300,000 empty frames": {
    count: 300_000,
    send: (peer) => peer.sendBytes(peer.session.outgoing.encodeMessage(nothing)),
  },
  "20 channel names of 9 MiB": {
    count: 20,
    send: (peer, n) => peer.send(Tag.gossip, encodeGossip(`${n}${bigText}`, peer.name, nothing)),
  },
  "20 unicasts of 9 MiB to an unknown name": {
    count: 20,
    send: (peer) =>
      peer.send(Tag.unicast, encodeUnicast("x", peer.name, unknown(1), new Uint8Array(9 << 20))),
  },
  "a source that is no name": {
    count: 1,
    send: (peer) =>
      peer.send(
        Tag.gossip,
        Buffer.concat([
          gobMessage(gobInt(gobType.string), Buffer.of(0), gobBytes("topology")),
          gobMessage(gobInt(gobType.string), Buffer.of(0), gobBytes(Buffer.alloc(9 << 20, 0x1b))),
        ]),
      ),
  },
};

export default defineAttack<Messages>({
  title: "messages of a peer that cost more than they look",
  group: "peer",
  limits: ["surrogate digests", "channels", "log"],
  withinMs: 40_000,
  variants,
  gate: ["300,000 unicasts to unknown names"],
  async run(field, { count, send }) {
    await field.begin();
    const peer = await field.join();
    await field.sleep(200);
    let n = 0;
    while (n < count && peer.broken === undefined) {
      send(peer, n++, field);
      if (n % 64 === 0) await peer.drained();
      if (n % 4_096 === 0) await field.sleep(0);
    }
    await peer.drained();
    await field.sleep(500);
    field.notes.sent = n;
    field.notes.disconnected = peer.broken?.message;
  },
});
