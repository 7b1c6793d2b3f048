import { defineAttack } from "../attack.ts";
import { header, versionOneOpening } from "../bytes/features.ts";
import type { RawConnection } from "../raw-connection.ts";

interface Flood {
  connections: number;
  addresses: number;
  bytes: Buffer;
}

const nothing = Buffer.alloc(0);
const unfinished = versionOneOpening([["NickName", Buffer.alloc(255 * 1024, "n")]]).subarray(0, 250 * 1024);

export default defineAttack<Flood>({
  title: "connections that begin a handshake and do not finish it",
  group: "no-password",
  limits: ["pending handshakes", "handshake bytes of all connections", "accept queue"],
  withinMs: 25_000,
  variants: {
    "1,500 silent": { connections: 1_500, addresses: 1, bytes: nothing },
    "1,500 silent, from 100 addresses": { connections: 1_500, addresses: 100, bytes: nothing },
    "1,500 with a header": { connections: 1_500, addresses: 1, bytes: header(1, 2) },
    "1,500 with a version 2 key": {
      connections: 1_500,
      addresses: 1,
      bytes: Buffer.concat([header(2, 2), Buffer.of(1), Buffer.alloc(32, 9)]),
    },
    "600 of 250 KiB": { connections: 600, addresses: 1, bytes: unfinished },
    "600 of 250 KiB, from 100 addresses": { connections: 600, addresses: 100, bytes: unfinished },
  },
  async run(field, { connections, addresses, bytes }) {
    await field.begin();
    const open: RawConnection[] = [];
    for (let i = 0; i < connections; i++) {
      const connection = await field.connect(i % addresses).catch(() => undefined);
      if (connection === undefined) continue;
      open.push(connection);
      void connection.send(bytes);
    }
    await field.sleep(4_000);
    field.notes.open = open.filter(({ ended }) => !ended).length;
  },
});
