import { encodeGossip, Tag } from "../../../src/wire/index.ts";
import { defineAttack } from "../attack.ts";
import { fakeName, topologyUpdate } from "../bytes/topology.ts";
import type { Field } from "../field.ts";
import { attackerUid, nameBytes } from "../topology-sender.ts";

interface Churn {
  /** The n-th update. */
  update(field: Field, n: number): Buffer;
  perSecond: number;
  broadcast?: boolean;
}

/** The attacker's record in version n, with so many fake peers behind it, other ones each time if `fresh`. */
function own(field: Field, n: number, count: number, fresh: boolean) {
  const first = fresh ? n * count : 0;
  return {
    ...{ name: nameBytes(field.name()), nickName: "raw", uid: attackerUid, version: BigInt(n + 10) },
    connections: [
      { name: nameBytes(field.spec.victimName), established: true, outbound: true },
      ...Array.from({ length: count }, (_, i) => ({ name: fakeName(first + i), established: true })),
    ],
  };
}

export default defineAttack<Churn>({
  title: "topology updates without end, each of which changes the routes, for 8 s",
  group: "peer",
  limits: ["peers of the topology", "topology updates"],
  withinMs: 30_000,
  variants: {
    "1,000 connections, 100 a second": {
      update: (field, n) => topologyUpdate([own(field, n, 1_000, false)]),
      perSecond: 100,
    },
    "1,000 new peers, 100 a second": {
      update: (field, n) => topologyUpdate([own(field, n, 1_000, true)]),
      perSecond: 100,
    },
    "one new peer, 1,000 a second, as broadcasts": {
      update: (field, n) => topologyUpdate([own(field, n, 1, true)]),
      perSecond: 1_000,
      broadcast: true,
    },
    "damaged at the end": {
      update: (field, n) =>
        Buffer.concat([topologyUpdate([own(field, n, 5_000, true)]), Buffer.of(0x7f, 1, 2)]),
      perSecond: 20,
    },
  },
  async run(field, { update, perSecond, broadcast = false }) {
    await field.begin();
    let peer = await field.join(0, { uid: attackerUid });
    let n = 0;
    await field.during(8_000, async () => {
      if (peer.broken !== undefined) {
        peer = await field.join(0, { uid: attackerUid });
        field.notes.joinedAgain = Number(field.notes.joinedAgain ?? 0) + 1;
      }
      const bytes = update(field, n++);
      peer.send(broadcast ? Tag.broadcast : Tag.gossip, encodeGossip("topology", peer.name, bytes));
      await peer.drained();
      if (n % 10 === 0) await field.sleep((10 * 1000) / perSecond);
    });
    field.notes.updates = n;
  },
});
