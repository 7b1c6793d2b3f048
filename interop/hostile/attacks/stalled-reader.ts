import { encodeGossip, encodeUnicast, Tag } from "../../../src/wire/index.ts";
import { defineAttack } from "../attack.ts";
import { fakeName, topologyUpdate } from "../bytes/topology.ts";

type Load = "unicasts" | "gossip" | "topology";

export default defineAttack<{ load: Load; readers: number; sizeBytes: number }>({
  title: "peers that do not read, and one that sends them what it can",
  group: "peer",
  limits: ["unicasts to a stalled peer", "surrogate backlog of a connection"],
  withinMs: 25_000,
  variants: {
    "unicasts of 1 MiB": { load: "unicasts", readers: 1, sizeBytes: 1024 * 1024 },
    "unicasts of no bytes": { load: "unicasts", readers: 1, sizeBytes: 0 },
    "gossip of 100 KiB on 50 channels, 20 readers": { load: "gossip", readers: 20, sizeBytes: 100 * 1024 },
    "topology of 20,000 peers, 20 readers": { load: "topology", readers: 20, sizeBytes: 0 },
  },
  async run(field, { load, readers, sizeBytes }) {
    const payload = new Uint8Array(sizeBytes);
    await field.begin();
    const silent = await Promise.all(Array.from({ length: readers }, (_, i) => field.join(i + 1)));
    await field.sleep(500);
    for (const reader of silent) reader.pause();
    const peer = await field.join(0);
    await field.sleep(300);
    let n = 0;
    await field.during(8_000, async () => {
      const target = silent[n % silent.length]!;
      if (load === "unicasts") {
        peer.send(Tag.unicast, encodeUnicast("x", peer.name, target.name, payload));
      } else if (load === "gossip") {
        const distinct = Buffer.concat([payload, Buffer.from(`${n}`)]);
        peer.send(Tag.gossip, encodeGossip(`channel${n % 50}`, peer.name, distinct));
      } else {
        const peers = Array.from({ length: 20_000 }, (_, i) => ({
          ...{ name: fakeName(i), uid: 1n, version: BigInt(n), connections: [] },
        }));
        peer.send(Tag.gossip, encodeGossip("topology", peer.name, topologyUpdate(peers)));
      }
      n++;
      await Promise.race([peer.drained(), field.sleep(2_000)]);
      if (n % 64 === 0) await field.sleep(0);
    });
    field.notes.sent = n;
    field.notes.disconnected = peer.broken?.message;
  },
});
