import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { DescribedMessage } from "../../src/wire/index.ts";
import type { Recording } from "./recording.ts";

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));

/** What the byte-exact proof found. */
export interface ByteExactResult {
  passed: boolean;
  /** How many pieces of each kind there were. */
  counts: Record<string, number>;
  total: number;
  /** The first few pieces that did not come back, or that were not understood. */
  problems: string[];
}

/**
 * The byte-exact proof: everything that Go peers sent to the TypeScript peers of these recordings is decoded,
 * written as JSON text, read back by another process and encoded again. Passes when there was anything at all,
 * every byte is the same, and nothing but application payloads was left opaque.
 */
export async function proveByteExact(
  recordings: readonly Recording[],
  folder: string,
): Promise<ByteExactResult> {
  await mkdir(folder, { recursive: true });
  const file = (name: string) => join(folder, name);
  await writeFile(file("recordings.json"), JSON.stringify(recordings));
  await node("describe.ts", file("recordings.json"), file("original.hex"), file("described.ndjson"));
  await node("encode.ts", file("described.ndjson"), file("encoded.hex"));
  const [original, described, encoded] = await Promise.all(
    ["original.hex", "described.ndjson", "encoded.hex"].map(async (name) =>
      lines(await readFile(file(name), "utf8")),
    ),
  );
  return compare(original!, described!, encoded!);
}

async function node(script: string, ...files: string[]): Promise<void> {
  await run(process.execPath, ["--import", "tsx", join(here, script), ...files]);
}

function lines(text: string): string[] {
  return text === "" ? [] : text.trimEnd().split("\n");
}

function compare(original: string[], described: string[], encoded: string[]): ByteExactResult {
  const counts: Record<string, number> = {};
  const problems: string[] = [];
  if (original.length === 0) problems.push("no Go peer sent anything");
  if (encoded.length !== original.length)
    problems.push(`${original.length} pieces, ${encoded.length} encoded`);
  for (const [i, bytes] of original.entries()) {
    const description = JSON.parse(described[i]!) as DescribedMessage;
    const kind = kindOf(description);
    counts[kind] = (counts[kind] ?? 0) + 1;
    if (bytes !== encoded[i]) problems.push(`${kind}: ${bytes} became ${encoded[i]}`);
    else if (isOpaque(description)) problems.push(`not understood: ${bytes}`);
  }
  const passed = problems.length === 0;
  return { passed, counts, total: original.length, problems: problems.slice(0, 5) };
}

function kindOf(description: DescribedMessage): string {
  return "channel" in description && description.channel === "topology"
    ? `topology ${description.kind}`
    : description.kind;
}

/** Whether anything but an application's payload has been left as bytes. */
function isOpaque(description: DescribedMessage): boolean {
  if (description.kind === "raw" || description.kind === "unknown") return true;
  if (!("channel" in description)) return false;
  if (description.trailing !== undefined) return true;
  return description.channel === "topology" && typeof description.payload === "string";
}
