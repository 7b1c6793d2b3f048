import { defineAttack } from "../attack.ts";
import { versionOneOpening } from "../bytes/features.ts";

export default defineAttack<{ openings: number; addresses: number; complete: boolean }>({
  title: "version 1 openings with nicknames of 9.9 MiB at the same moment",
  group: "no-password",
  limits: ["handshake bytes of a connection", "handshake bytes of all connections"],
  variants: {
    "20 complete": { openings: 20, addresses: 1, complete: true },
    "20 without their last byte": { openings: 20, addresses: 1, complete: false },
    "60 without their last byte, from 60 addresses": { openings: 60, addresses: 60, complete: false },
  },
  gate: ["20 without their last byte"],
  async run(field, { openings, addresses, complete }) {
    const whole = versionOneOpening([["NickName", Buffer.alloc(9.9 * 1024 * 1024, "n")]]);
    const bytes = complete ? whole : whole.subarray(0, -1);
    await field.begin();
    const sending = Array.from({ length: openings }, async (_, i) => {
      const connection = await field.connect(i % addresses);
      await connection.send(bytes);
      return connection;
    });
    const connections = await Promise.all(sending);
    await field.sleep(1_000);
    field.notes.ended = connections.filter(({ ended }) => ended).length;
  },
});
