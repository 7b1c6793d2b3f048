import { defineAttack } from "../attack.ts";
import { versionOneOpening } from "../bytes/features.ts";

export default defineAttack<{ group: "before" | "after"; connections: number }>({
  title: "bytes sent one by one, so that each is an object of its own while it waits for the rest",
  group: "peer",
  limits: ["handshake bytes of all connections", "pieces of an incomplete frame"],
  withinMs: 40_000,
  variants: {
    "250 KiB of a handshake, 20 connections": { group: "before", connections: 20 },
    "1,000,000 bytes of a frame": { group: "after", connections: 1 },
    "300,000 bytes of a frame, 10 peers": { group: "after", connections: 10 },
  },
  async run(field, { group, connections }) {
    const opening = versionOneOpening([["NickName", Buffer.alloc(255 * 1024, "n")]]).subarray(0, 250 * 1024);
    await field.begin();
    const total = group === "before" ? opening.length : connections === 1 ? 1_000_000 : 300_000;
    const senders = await Promise.all(
      Array.from({ length: connections }, async (_, i) => {
        if (group === "before") {
          const connection = await field.connect(i);
          return { send: (n: number) => connection.send(opening.subarray(n, n + 1)), connection };
        }
        const peer = await field.join(i);
        peer.sendBytes(Buffer.from([0, 0x9f, 0xff, 0xff])); // a frame of nearly 10 MiB
        return {
          send: async () => {
            peer.sendBytes(Buffer.of(7));
            await peer.drained();
          },
          connection: undefined,
        };
      }),
    );
    await field.sleep(100);
    let sent = 0;
    const end = performance.now() + 25_000;
    for (; sent < total && performance.now() < end; sent++) {
      await Promise.all(senders.map(({ send }) => send(sent)));
      // Gives the kernel the time to deliver each byte by itself.
      if (sent % 8 === 7) await new Promise(setImmediate);
    }
    field.notes.bytes = sent * connections;
  },
});
