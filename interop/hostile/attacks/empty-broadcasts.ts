import { encodeBroadcast, Tag } from "../../../src/wire/index.ts";
import { defineAttack } from "../attack.ts";

export default defineAttack<{ channels: number; payload: number; megabytes: number }>({
  title: "one peer does not read, another broadcasts on unknown channels",
  group: "peer",
  limits: ["surrogate backlog of a connection"],
  withinMs: 40_000,
  variants: {
    "empty payloads": { channels: 1, payload: 0, megabytes: 62 },
    "4,000 channels": { channels: 4_000, payload: 4_096, megabytes: 600 },
    "4,000 channels, empty payloads": { channels: 4_000, payload: 0, megabytes: 62 },
  },
  async run(field, { channels, payload, megabytes }) {
    const names = Array.from({ length: channels }, (_, i) => `unknown${i}`);
    const bytes = Buffer.alloc(payload, 1);
    await field.begin();
    const silent = await field.join(1);
    silent.pause();
    const peer = await field.join(0);
    await field.sleep(300); // until both are in the routes
    let sent = 0;
    for (let i = 0; sent < megabytes * 1024 * 1024 && peer.broken === undefined; i++) {
      const body = encodeBroadcast(names[i % channels]!, peer.name, bytes);
      peer.send(Tag.broadcast, body);
      sent += body.length + 5;
      if (i % 64 === 0) await peer.drained();
      if (i % 4096 === 0) await field.sleep(0);
    }
    field.notes.sentMiB = sent / 2 ** 20;
    field.notes.disconnected = peer.broken?.message ?? silent.broken?.message;
  },
});
