import { defineAttack } from "../attack.ts";
import { fakeName, topologyUpdate } from "../bytes/topology.ts";
import { sendTopology } from "../topology-sender.ts";

export default defineAttack({
  title: "50,000 fake peers that share one short ID",
  group: "peer",
  limits: ["peers of the topology"],
  gate: true,
  async run(field) {
    const peers = Array.from({ length: 50_000 }, (_, i) => ({
      ...{ name: fakeName(i), uid: BigInt(i + 1), version: 1n, shortId: 77, connections: [] },
    }));
    const update = topologyUpdate(peers);
    await field.begin();
    await sendTopology(field, update);
  },
});
