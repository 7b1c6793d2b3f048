import { defineAttack } from "../attack.ts";
import { header } from "../bytes/features.ts";

export default defineAttack<{ addresses: number; bytes: Buffer }>({
  title: "new connections without end, for 8 s",
  group: "no-password",
  limits: ["accept queue", "pending handshakes"],
  withinMs: 25_000,
  variants: {
    "from one address": { addresses: 1, bytes: Buffer.alloc(0) },
    "from one address, with a garbled header": { addresses: 1, bytes: Buffer.from("\x1b[2J\r\nforged") },
    "from one address, plain where a password is needed": {
      addresses: 1,
      bytes: Buffer.concat([header(2, 2), Buffer.of(0)]),
    },
  },
  gate: ["from one address"],
  async run(field, { addresses, bytes }) {
    await field.begin();
    let made = 0;
    const flood = async () => {
      const connection = await field.connect(made++ % addresses).catch(() => undefined);
      if (connection === undefined) return field.sleep(1);
      if (bytes.length > 0) await connection.send(bytes);
      // Some are left open, so that those that are accepted count as pending.
      if (made % 4 !== 0) connection.close();
    };
    await Promise.all(Array.from({ length: 8 }, () => field.during(8_000, flood)));
    field.notes.connections = made;
  },
});
