import { defineAttack } from "../attack.ts";
import { versionOneOpening } from "../bytes/features.ts";

export default defineAttack({
  title: "two version 1 openings of 10 MiB a second, for 10 s",
  group: "no-password",
  limits: ["handshake bytes of a connection that has not proved itself"],
  withinMs: 30_000,
  async run(field) {
    const bytes = versionOneOpening([["UID", Buffer.alloc(10 * 1024 * 1024 - 4096, 0x07)]]);
    await field.begin();
    for (let i = 0; i < 20; i++) {
      void field.connect(i % 3).then((connection) => connection.send(bytes));
      await field.sleep(500);
    }
  },
});
