import { defineAttack } from "../attack.ts";
import { type FakePeer, fakeName, topologyUpdate } from "../bytes/topology.ts";
import type { Field } from "../field.ts";
import { nameBytes, sendTopology } from "../topology-sender.ts";

/** The attacker's own record with so many fake peers behind it, in updates of at most 9 MiB. */
function star(field: Field, count: number, address: (n: number) => string): Buffer[] {
  const self = nameBytes(field.name());
  const victim = { name: nameBytes(field.spec.victimName), established: true, outbound: true };
  const perUpdate = 100_000;
  const updates: Buffer[] = [];
  const own: FakePeer = {
    ...{ name: self, nickName: "raw", uid: 7n, version: 100n },
    connections: [
      victim,
      ...Array.from({ length: count }, (_, n) => ({
        name: fakeName(n),
        address: address(n),
        established: true,
      })),
    ],
  };
  const fakes = Array.from({ length: count }, (_, n) => ({
    ...{ name: fakeName(n), uid: BigInt(n + 1), version: 1n },
    connections: [{ name: self, outbound: true, established: true }],
  }));
  updates.push(topologyUpdate([own]));
  for (let from = 0; from < count; from += perUpdate) {
    updates.push(topologyUpdate(fakes.slice(from, from + perUpdate)));
  }
  return updates;
}

function ring(field: Field, count: number): Buffer[] {
  const self = nameBytes(field.name());
  const victim = { name: nameBytes(field.spec.victimName), established: true, outbound: true };
  const link = (n: number) => ({ name: fakeName((n + count) % count), established: true, outbound: true });
  const fakes = Array.from({ length: count }, (_, n) => ({
    ...{ name: fakeName(n), uid: BigInt(n + 1), version: 1n },
    connections: [link(n - 1), link(n + 1), ...(n === 0 ? [{ name: self, established: true }] : [])],
  }));
  const own = {
    ...{ name: self, nickName: "raw", uid: 7n, version: 100n },
    connections: [victim, { name: fakeName(0), established: true, outbound: true }],
  };
  return [topologyUpdate([own, ...fakes])];
}

/** Peers that are not connected to anybody: they are collected again. */
function islands(count: number): Buffer[] {
  const peers = Array.from({ length: count }, (_, n) => ({
    ...{ name: fakeName(n), uid: BigInt(n + 1), version: 1n },
    connections: [],
  }));
  return [topologyUpdate(peers)];
}

/** A line: each update makes it longer by one, and so the routes are to be calculated again. */
function nicknames(count: number, length: number): Buffer[] {
  const nickName = "x".repeat(length);
  const peers = Array.from({ length: count }, (_, n) => ({
    ...{ name: fakeName(n), nickName, uid: BigInt(n + 1), version: 1n },
    connections: [],
  }));
  return [topologyUpdate(peers)];
}

const nowhere = () => "";

export default defineAttack<(field: Field) => Buffer[]>({
  title: "a topology of very many peers that do not exist",
  group: "peer",
  limits: ["peers of the topology", "connections of the topology", "targets of discovery"],
  withinMs: 45_000,
  watchMs: 3_000,
  variants: {
    "100,000 addresses to dial": (field) =>
      star(field, 100_000, (n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}:6783`),
    "100,000 addresses that are none": (field) => star(field, 100_000, (n) => `host-${n}.invalid`),
    "100,000 reachable peers": (field) => star(field, 100_000, nowhere),
    "400,000 reachable peers": (field) => star(field, 400_000, nowhere),
    "ring of 100,000": (field) => ring(field, 100_000),
    "200,000 islands": () => islands(200_000),
    "300 nicknames of 30 KiB": () => nicknames(300, 30_720),
  },
  async run(field, updates) {
    const bytes = updates(field);
    field.notes.bytes = bytes.reduce((sum, update) => sum + update.length, 0);
    await field.begin();
    await sendTopology(field, ...bytes);
  },
});
