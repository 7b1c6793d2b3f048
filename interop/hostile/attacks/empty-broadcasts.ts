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
  // Plain, so that the attacker can send the same frames again and again and spends no time on sealing.
  victim: { password: null },
  async run(field, { channels, payload, megabytes }) {
    const bytes = Buffer.alloc(payload, 1);
    const perBatch = Math.max(1, Math.floor(65_536 / (payload + 32)));
    await field.begin();
    const silent = await field.join(1);
    silent.pause();
    const peer = await field.join(0);
    const frame = (n: number) =>
      peer.session.outgoing.encode(
        Tag.broadcast,
        encodeBroadcast(`unknown${n % channels}`, peer.name, bytes),
      );
    const batches: Buffer[] = [];
    for (let n = 0; n < Math.max(channels, perBatch); n += perBatch) {
      batches.push(Buffer.concat(Array.from({ length: perBatch }, (_, i) => frame(n + i))));
    }
    await field.sleep(300); // until both are in the routes
    let sent = 0;
    for (let i = 0; sent < megabytes * 1024 * 1024 && peer.broken === undefined; i++) {
      const batch = batches[i % batches.length]!;
      peer.sendBytes(batch);
      sent += batch.length;
      await peer.drained();
      field.notes.sentMiB = sent / 2 ** 20;
    }
    await field.sleep(500);
    field.notes.disconnected = peer.broken?.message ?? silent.broken?.message;
  },
});
