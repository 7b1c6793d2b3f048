import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
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
  return compare(lines(file("original.hex")), lines(file("described.ndjson")), lines(file("encoded.hex")));
}

async function node(script: string, ...files: string[]): Promise<void> {
  await run(process.execPath, ["--import", "tsx", join(here, script), ...files]);
}

type Lines = AsyncIterator<string, undefined>;

/** The lines of a file, one after the other: a whole run of the suite has more than fits into memory. */
function lines(file: string): Lines {
  return createInterface({ input: createReadStream(file) })[Symbol.asyncIterator]();
}

/** Goes through the three files side by side. */
async function compare(original: Lines, described: Lines, encoded: Lines): Promise<ByteExactResult> {
  const counts: Record<string, number> = {};
  const problems: string[] = [];
  let total = 0;
  for (;;) {
    const [sent, text, again] = await Promise.all([original.next(), described.next(), encoded.next()]);
    if (sent.done && text.done && again.done) break;
    total++;
    if (sent.done || text.done || again.done) {
      problems.push(`the three files differ in length, from piece ${total} on`);
      break;
    }
    const description = JSON.parse(text.value) as DescribedMessage;
    const kind = kindOf(description);
    counts[kind] = (counts[kind] ?? 0) + 1;
    if (sent.value !== again.value) problems.push(`${kind}: ${sent.value} became ${again.value}`);
    else if (isOpaque(description)) problems.push(`not understood: ${sent.value}`);
  }
  if (total === 0) problems.push("no Go peer sent anything");
  return { passed: problems.length === 0, counts, total, problems: problems.slice(0, 5) };
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
