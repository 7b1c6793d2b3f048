import { defineAttack } from "../attack.ts";
import { collidingNames } from "../bytes/fnv-names.ts";
import { fakeName, topologyUpdate } from "../bytes/topology.ts";
import { sendTopology } from "../topology-sender.ts";

export default defineAttack<number>({
  title: "a topology update whose names collide in an unseeded FNV-1a table",
  group: "peer",
  limits: ["names and connections of the topology"],
  variants: { "65,536 names": 65_536, "262,144 names": 262_144 },
  gate: ["65,536 names"],
  async run(field, count) {
    const names = await field.cached(`fnv1a-names-${count}.bin`, () => collidingNames(count));
    const connections = Array.from({ length: count }, (_, i) => ({ name: names.subarray(i * 6, i * 6 + 6) }));
    const update = topologyUpdate([{ name: fakeName(1), uid: 1n, version: 1n, connections }]);
    await field.begin();
    await sendTopology(field, update);
  },
});
