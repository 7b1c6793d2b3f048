import { encodeGossip, Tag } from "../../../src/wire/index.ts";
import { defineAttack } from "../attack.ts";
import { type FakePeer, fakeName, topologyUpdate } from "../bytes/topology.ts";
import type { Field } from "../field.ts";
import { nameBytes } from "../topology-sender.ts";

const highest = 2n ** 64n - 1n;

const updates: Record<string, (field: Field) => FakePeer[]> = {
  "of the victim, at the highest version": (field) => [
    { name: nameBytes(field.spec.victimName), uid: 99n, version: highest, connections: [] },
  ],
  "of the victim, at the highest version but one": (field) => [
    { name: nameBytes(field.spec.victimName), uid: 99n, version: highest - 1n, connections: [] },
  ],
  "of the honest peers, at the highest version": (field) =>
    field.spec.honest.map(({ name, uid }) => ({
      ...{ name: nameBytes(name), uid: BigInt(uid), version: highest, connections: [] },
    })),
  "of the unknown name": () => [
    {
      name: Buffer.alloc(6),
      uid: 1n,
      version: 1n,
      connections: [{ name: Buffer.alloc(6), established: true }],
    },
  ],
  "with names of other lengths": () => [
    ...[0, 1, 5, 7, 16, 4096].map((length) => ({
      ...{
        name: Buffer.alloc(length, 5),
        uid: 1n,
        version: 1n,
        connections: [{ name: Buffer.alloc(length, 6) }],
      },
    })),
  ],
  "of one peer, 10,000 times": () =>
    Array.from({ length: 10_000 }, (_, n) => ({
      ...{ name: fakeName(1), uid: BigInt(n), version: BigInt(n), shortId: n % 4096, connections: [] },
    })),
  "with one connection, 200,000 times": () => [
    {
      ...{ name: fakeName(1), uid: 1n, version: 1n },
      connections: Array.from({ length: 200_000 }, () => ({ name: fakeName(2), established: true })),
    },
  ],
  "that take the victim's short ID": () =>
    Array.from({ length: 4_096 }, (_, n) => ({
      ...{ name: Buffer.of(0, 0, 0, 0, n >> 8, n & 255), uid: BigInt(n + 1), version: 1n, shortId: n },
      connections: [],
    })),
};

export default defineAttack<(field: Field) => FakePeer[]>({
  title: "false records",
  group: "peer",
  limits: ["versions of records"],
  variants: updates,
  gate: ["of the victim, at the highest version"],
  async run(field, peers) {
    const update = topologyUpdate(peers(field));
    await field.begin();
    for (let i = 0; i < 5; i++) {
      const peer = await field.join(i);
      peer.send(Tag.gossip, encodeGossip("topology", peer.name, update));
      await field.sleep(300);
      field.notes.disconnected = peer.broken?.message;
    }
  },
});
