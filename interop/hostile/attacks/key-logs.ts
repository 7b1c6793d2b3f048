import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defineCommandAttack } from "../attack.ts";
import { gossipMessage, sessionFile } from "../bytes/session-file.ts";

const hex = (n: number, digits: number) => n.toString(16).padStart(digits, "0");

const logs: Record<string, () => Iterable<string>> = {
  "1,000,000 lines": function* () {
    for (let part = 0; part < 100; part++) {
      const lines = Array.from({ length: 10_000 }, (_, n) => {
        const number = part * 10_000 + n;
        return `WEAVE_MESH_SESSION_KEY ${hex(number, 16)} ${hex(number, 64)}\n`;
      });
      yield lines.join("");
    }
  },
  "1,000,000 secret keys": function* () {
    for (let part = 0; part < 100; part++) {
      const lines = Array.from({ length: 10_000 }, (_, n) => {
        const number = part * 10_000 + n;
        return `WEAVE_MESH_SECRET_KEY ${hex(number, 64)} ${hex(number + 1, 64)}\n`;
      });
      yield lines.join("");
    }
  },
  "a comment of 300 MB": function* () {
    yield "# ";
    for (let part = 0; part < 300; part++) yield "x".repeat(1_000_000);
    yield "\n";
  },
  "a line of 300 MB that is not a comment": function* () {
    yield "WEAVE_MESH_SESSION_KEY ";
    for (let part = 0; part < 300; part++) yield "f".repeat(1_000_000);
    yield "\n";
  },
};

export default defineCommandAttack<() => Iterable<string>>({
  title: "hostile key logs for inspect",
  group: "files",
  limits: ["keys of a key log", "line of a key log"],
  variants: logs,
  bars: { cpuSeconds: 15, memoryMiB: 384 },
  async command({ folder }, pieces) {
    const session = join(folder, "input.session.jsonl");
    await writeFile(session, sessionFile({ messages: [gossipMessage("x", Buffer.of(1))] }));
    const keylog = join(folder, "keys");
    await writeFile(keylog, pieces());
    return { arguments: ["inspect", session, "--keylog", keylog] };
  },
});
