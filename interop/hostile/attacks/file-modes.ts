import { readdirSync, statSync } from "node:fs";
import { defineAttack } from "../attack.ts";

/** The modes of a folder and its files that others can read, as text. */
function readable(folder: string): string[] {
  const entries = [folder, ...readdirSync(folder).map((name) => `${folder}/${name}`)];
  return entries
    .map((path) => ({ path, mode: statSync(path).mode & 0o777 }))
    .filter(({ mode }) => (mode & 0o077) !== 0)
    .map(({ path, mode }) => `${path.slice(path.lastIndexOf("/") + 1)} has mode ${mode.toString(8)}`);
}

export default defineAttack({
  title: "recordings and key logs of join cannot be read by other users",
  group: "files",
  victim: { program: "join", flags: ["--record", "{folder}/record", "--keylog", "{folder}/keys"] },
  onlyOurs: true,
  gate: true,
  watchMs: 300,
  async run(field) {
    await field.begin();
    if (field.spec.control) return;
    await field.join();
    await field.sleep(500);
    field.notes.readable = readable(`${field.spec.victimFolder}/record`);
    field.notes.keysMode = statSync(`${field.spec.victimFolder}/keys`).mode & 0o777;
  },
  check({ notes }) {
    const files = notes.readable as string[] | undefined;
    if (files === undefined) return "nothing was recorded";
    if (notes.keysMode !== 0o600) return `the key log has mode ${Number(notes.keysMode).toString(8)}`;
    return files.length === 0 ? undefined : files.slice(0, 3).join(", ");
  },
});
