import { encodeGossip, Tag } from "../../../src/wire/index.ts";
import { defineAttack } from "../attack.ts";
import { type DoublingKind, doublingTypes } from "../bytes/gob.ts";

type Place = "channel of gossip" | "channel of a unicast" | "channel of a broadcast" | "topology update";

export default defineAttack<{ place: Place; levels: number; kind: DoublingKind }>({
  title: "a type whose text doubles at each level of nesting, inside a sealed session",
  group: "peer",
  variants: {
    "gossip, 20 levels": { place: "channel of gossip", levels: 20, kind: "map" },
    "gossip, 60 levels": { place: "channel of gossip", levels: 60, kind: "map" },
    "unicast, 60 levels": { place: "channel of a unicast", levels: 60, kind: "map" },
    "broadcast, 60 levels of structs": { place: "channel of a broadcast", levels: 60, kind: "struct" },
    "topology, 20 levels": { place: "topology update", levels: 20, kind: "map" },
    "topology, 60 levels": { place: "topology update", levels: 60, kind: "map" },
    "topology, 60 levels of structs": { place: "topology update", levels: 60, kind: "struct" },
  },
  gate: ["topology, 60 levels"],
  async run(field, { place, levels, kind }) {
    const graph = doublingTypes(levels, kind);
    await field.begin();
    const peer = await field.join();
    if (place === "topology update") peer.send(Tag.gossip, encodeGossip("topology", peer.name, graph));
    else if (place === "channel of gossip") peer.send(Tag.gossip, graph);
    else if (place === "channel of a unicast") peer.send(Tag.unicast, graph);
    else peer.send(Tag.broadcast, graph);
    await field.sleep(500);
    field.notes.disconnected = peer.broken?.message;
  },
});
