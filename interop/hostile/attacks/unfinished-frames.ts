import { defineAttack } from "../attack.ts";
import { gobUint } from "../bytes/gob.ts";

interface Unfinished {
  version: 1 | 2;
  peers: number;
  mebibytes: number;
}

export default defineAttack<Unfinished>({
  title: "peers that each send a message of the largest size, but for its last byte",
  group: "peer",
  limits: ["incomplete frames of all connections"],
  withinMs: 30_000,
  variants: {
    "30 of version 2": { version: 2, peers: 30, mebibytes: 10 },
    "60 of version 2": { version: 2, peers: 60, mebibytes: 10 },
    "8 of version 1": { version: 1, peers: 8, mebibytes: 63 },
  },
  async run(field, { version, peers, mebibytes }) {
    const length = mebibytes * 1024 * 1024 - 64;
    const head = Buffer.alloc(4);
    head.writeUInt32BE(length);
    // Version 1: a gob message of type []byte, whose length and count stand before the bytes.
    const inner = Buffer.concat([Buffer.of(0x0a, 0), gobUint(length)]);
    const start = version === 2 ? head : Buffer.concat([gobUint(inner.length + length), inner]);
    const chunk = Buffer.alloc(256 * 1024, 7);
    await field.begin();
    const members = [];
    for (let i = 0; i < peers; i++) members.push(await field.join(i, { version }).catch(() => undefined));
    await Promise.all(
      members.map(async (peer) => {
        peer?.sendBytes(start);
        for (
          let sent = 0;
          sent + chunk.length < length && peer !== undefined && peer.broken === undefined;
        ) {
          peer.sendBytes(chunk);
          sent += chunk.length;
          await peer.drained();
        }
      }),
    );
    await field.sleep(1_000);
    field.notes.alive = members.filter((peer) => peer !== undefined && peer.broken === undefined).length;
  },
});
