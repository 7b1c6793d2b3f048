import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Attack } from "../attack.ts";

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "attacks");

/** One attack to run: a file, and one of its variants. */
export interface Entry {
  /** The file's name without its extension. */
  file: string;
  variant: string;
  /** The file's name and the variant; unique. */
  name: string;
  attack: Attack;
  /** Whether the gate runs it. */
  gate: boolean;
}

/** All attacks, in the order of their groups' and files' names. */
export async function catalogue(): Promise<Entry[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts")).sort();
  const entries: Entry[] = [];
  for (const name of files) {
    const { default: attack } = (await import(pathToFileURL(join(folder, name)).href)) as { default: Attack };
    const file = basename(name, ".ts");
    for (const variant of Object.keys(attack.variants ?? { "": undefined })) {
      const gate = Array.isArray(attack.gate) ? attack.gate.includes(variant) : attack.gate === true;
      entries.push({ file, variant, name: variant === "" ? file : `${file} ${variant}`, attack, gate });
    }
  }
  return entries;
}
