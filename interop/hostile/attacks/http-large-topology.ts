import { encodeGossip, Tag } from "../../../src/wire/index.ts";
import { defineAttack } from "../attack.ts";
import { fakeName, topologyUpdate } from "../bytes/topology.ts";
import { attackerUid, nameBytes } from "../topology-sender.ts";

export default defineAttack<number>({
  title: "status requests to a peer whose topology a member has filled",
  group: "http",
  victim: { program: "join", flags: ["--no-discovery"] },
  onlyOurs: true,
  limits: ["peers of the topology", "status requests"],
  withinMs: 40_000,
  variants: { "2,000 peers": 2_000, "50,000 peers": 50_000 },
  async run(field, count) {
    const self = nameBytes(field.name());
    const victim = { name: nameBytes(field.spec.victimName), established: true, outbound: true };
    const peers = Array.from({ length: count }, (_, n) => ({
      ...{ name: fakeName(n), nickName: "n".repeat(80), uid: BigInt(n + 1), version: 1n },
      connections: [{ name: self, established: true }],
    }));
    const links = Array.from({ length: count }, (_, n) => ({ name: fakeName(n), established: true }));
    const own = {
      name: self,
      nickName: "raw",
      uid: attackerUid,
      version: 100n,
      connections: [victim, ...links],
    };
    const update = topologyUpdate([own, ...peers]);
    await field.begin();
    if (field.spec.control) return;
    const peer = await field.join(0, { uid: attackerUid });
    peer.send(Tag.gossip, encodeGossip("topology", peer.name, update));
    await field.sleep(2_000);
    const { host, port } = field.spec.http!;
    let bytes = 0;
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const response = await fetch(`http://${host}:${port}/status`).catch(() => undefined);
        bytes += (await response?.arrayBuffer().catch(() => undefined))?.byteLength ?? 0;
      }),
    );
    field.notes.bytes = bytes;
    field.notes.disconnected = peer.broken?.message;
  },
});
