import { defineAttack } from "../attack.ts";
import { versionOneOpening } from "../bytes/features.ts";

export default defineAttack({
  title: "300 handshakes that come byte by byte",
  group: "no-password",
  limits: ["pending handshakes"],
  async run(field) {
    const bytes = versionOneOpening();
    await field.begin();
    const connections = await Promise.all(Array.from({ length: 300 }, (_, i) => field.connect(i % 50)));
    for (let at = 0; at < Math.min(bytes.length - 1, 80); at++) {
      for (const connection of connections) void connection.send(bytes.subarray(at, at + 1));
      await field.sleep(50);
    }
  },
});
