import { defineAttack } from "../attack.ts";
import { versionOneOpening } from "../bytes/features.ts";

export default defineAttack<{ count: number; addresses: number }>({
  title: "complete version 1 features of peers that do not exist fill the table of connections",
  group: "no-password",
  limits: ["connection limit", "pending handshakes"],
  withinMs: 25_000,
  variants: {
    "70 from one address": { count: 70, addresses: 1 },
    "70 from 70 addresses": { count: 70, addresses: 70 },
    "300 from 70 addresses": { count: 300, addresses: 70 },
  },
  async run(field, { count, addresses }) {
    await field.begin();
    const connections = await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const connection = await field.connect(i % addresses);
        await connection.send(
          versionOneOpening([
            ["Name", `02:55:00:00:${(i >> 8).toString(16)}:${(i & 255).toString(16)}`],
            ["UID", `${i + 1}`],
            ["ConnID", `${i + 7}`],
          ]),
        );
        return connection;
      }),
    );
    await field.sleep(6_000);
    field.notes.open = connections.filter(({ ended }) => !ended).length;
  },
});
