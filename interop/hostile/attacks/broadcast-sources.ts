import { PeerName } from "../../../src/peer-name.ts";
import { encodeBroadcast, encodeGossip, Tag } from "../../../src/wire/index.ts";
import { defineAttack } from "../attack.ts";
import { fakeName, topologyUpdate } from "../bytes/topology.ts";
import { attackerUid, nameBytes } from "../topology-sender.ts";

export default defineAttack<number>({
  title: "a broadcast from each of many peers behind the attacker, each with a route of its own to be found",
  group: "peer",
  limits: ["broadcast routes"],
  withinMs: 40_000,
  variants: { "2,000 sources": 2_000, "20,000 sources": 20_000 },
  async run(field, count) {
    const self = nameBytes(field.name());
    const victim = { name: nameBytes(field.spec.victimName), established: true, outbound: true };
    const chain = Array.from({ length: count }, (_, n) => ({
      ...{ name: fakeName(n), uid: BigInt(n + 1), version: 1n },
      connections: [{ name: self, established: true, outbound: true }],
    }));
    const links = Array.from({ length: count }, (_, n) => ({ name: fakeName(n), established: true }));
    const own = {
      ...{ name: self, nickName: "raw", uid: attackerUid, version: 100n, connections: [victim, ...links] },
    };
    const update = topologyUpdate([own, ...chain]);
    await field.begin();
    const peer = await field.join(0, { uid: attackerUid });
    peer.send(Tag.gossip, encodeGossip("topology", peer.name, update));
    await peer.drained();
    await field.sleep(1_000);
    for (let n = 0; n < count && peer.broken === undefined; n++) {
      peer.send(Tag.broadcast, encodeBroadcast("x", PeerName.fromBytes(fakeName(n), "mac"), Buffer.of(1)));
      if (n % 64 === 0) await peer.drained();
    }
    await field.sleep(500);
    field.notes.disconnected = peer.broken?.message;
  },
});
