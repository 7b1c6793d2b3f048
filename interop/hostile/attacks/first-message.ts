import { defineAttack } from "../attack.ts";
import { versionOneOpening } from "../bytes/features.ts";
import { gobUint } from "../bytes/gob.ts";

export default defineAttack<{ connections: number; addresses: number; mebibytes: number }>({
  title:
    "complete version 1 features without the password, then a first message that is large and never opens",
  group: "no-password",
  limits: ["handshake bytes of all connections"],
  withinMs: 25_000,
  variants: {
    "one of 60 MiB": { connections: 1, addresses: 1, mebibytes: 60 },
    "20 of 60 MiB": { connections: 20, addresses: 20, mebibytes: 60 },
    "50 of 9 MiB from one address": { connections: 50, addresses: 1, mebibytes: 9 },
  },
  async run(field, { connections, addresses, mebibytes }) {
    const length = mebibytes * 1024 * 1024;
    const inner = Buffer.concat([Buffer.of(0x0a, 0), gobUint(length)]);
    const start = Buffer.concat([gobUint(inner.length + length), inner]);
    const chunk = Buffer.alloc(256 * 1024, 7);
    await field.begin();
    await Promise.all(
      Array.from({ length: connections }, async (_, i) => {
        const connection = await field.connect(i % addresses);
        const name = `02:55:00:00:00:${i.toString(16)}`;
        await connection.send(
          versionOneOpening([
            ["Name", name],
            ["UID", `${i + 1}`],
          ]),
        );
        await connection.send(start);
        for (let sent = 0; sent + chunk.length < length && !connection.ended; sent += chunk.length) {
          await connection.send(chunk);
        }
      }),
    );
    await field.sleep(1_000);
  },
});
