/**
 * Records the library of sessions anew, from real Go peers:
 *
 *     npx tsx interop/record/record.ts                 # into fixtures/sessions
 *     npx tsx interop/record/record.ts --check         # compare with what is there, by meaning
 *     npx tsx interop/record/record.ts --only 'two-v1'
 *     npx tsx interop/record/record.ts --out FOLDER    # into another folder
 *     npx tsx interop/record/record.ts --manifest      # only the manifest, of what is there
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  decodeSession,
  formatSession,
  Narrator,
  type RecordedSession,
  SessionInspector,
  SessionReader,
} from "../../src/capture/index.ts";
import { root } from "../driver/paths.ts";
import { meaning } from "./meaning.ts";
import { buildAll } from "./recorded-mesh.ts";
import { type Recording, recordings } from "./scenarios.ts";

/** Sessions of which the library also holds what `weave-mesh inspect` prints. */
const shown = ["three-relay-1", "twenty-sealed-2"];
/** Longer files are packed. */
const packedFrom = 64 * 1024;

const { values } = parseArgs({
  options: {
    check: { type: "boolean" },
    only: { type: "string" },
    manifest: { type: "boolean" },
    out: { type: "string", default: join(root, "fixtures", "sessions") },
  },
});
const library = values.out;
const chosen = recordings.filter(({ name }) => new RegExp(values.only ?? "").test(name));
if (values.manifest === true) {
  writeManifest();
  process.exit(0);
}
await buildAll();
mkdirSync(library, { recursive: true });
let faults = 0;
for (const recording of chosen) {
  try {
    const sessions = (await recording.run(recording)).slice(0, recording.keep);
    if (sessions.length === 0) throw new Error("no session was recorded");
    if (values.check === true) compare(recording, sessions);
    else write(recording, sessions);
  } catch (error) {
    faults++;
    console.error(`${recording.name}: ${(error as Error).message}`);
  }
}
if (values.check !== true) writeManifest();
process.exit(faults === 0 ? 0 : 1);

function files({ name }: Recording): string[] {
  const own = new RegExp(`^${name}(-\\d+)?\\.session\\.jsonl(\\.gz)?$`);
  return readdirSync(library)
    .filter((file) => own.test(file))
    .sort();
}

function write(recording: Recording, sessions: readonly RecordedSession[]): void {
  for (const file of files(recording)) rmSync(join(library, file));
  for (const [index, session] of sessions.entries()) {
    const number = sessions.length === 1 ? "" : `-${index + 1}`;
    const text = Buffer.from(formatSession(session));
    const packed = text.length > packedFrom;
    const file = `${recording.name}${number}.session.jsonl${packed ? ".gz" : ""}`;
    writeFileSync(join(library, file), packed ? gzipSync(text, { level: 9 }) : text);
    console.log(`${file}: ${session.records.length} records, ${text.length} bytes`);
  }
}

/** What `weave-mesh inspect` prints of a session. */
function conversation({ header, records }: RecordedSession): string {
  const inspector = new SessionInspector(header);
  const narrator = new Narrator(inspector);
  const opening = narrator.opening();
  const entries = records.flatMap((record) => inspector.push(record).map((entry) => narrator.entry(entry)));
  entries.push(...inspector.finish().map((entry) => narrator.entry(entry)));
  return opening + entries.join("") + narrator.closing();
}

/** What each file must decode to: so a change of a recording cannot pass for a change of what it says. */
function writeManifest(): void {
  const names = readdirSync(library)
    .filter((file) => /\.session\.jsonl(\.gz)?$/.test(file))
    .sort();
  const entries = names.map((file) => {
    const session = read(join(library, file));
    const decoded = JSON.stringify(decodeSession(session));
    return [
      file,
      {
        title: session.header.title,
        protocol: session.header.protocol ?? null,
        decoded: createHash("sha256").update(decoded).digest("hex"),
      },
    ];
  });
  for (const name of shown) {
    const file = names.find((file) => file.startsWith(`${name}.session.jsonl`));
    if (file !== undefined)
      writeFileSync(join(library, `${name}.txt`), conversation(read(join(library, file))));
  }
  writeFileSync(
    join(library, "manifest.json"),
    `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`,
  );
}

function compare(recording: Recording, sessions: readonly RecordedSession[]): void {
  const recorded = files(recording).map((file) => meaning(read(join(library, file)), recording.raced));
  const anew = sessions.map((session) => meaning(session, recording.raced));
  const same = JSON.stringify([...recorded].sort()) === JSON.stringify([...anew].sort());
  console.log(`${recording.name}: ${same ? "the same" : "DIFFERENT"}`);
  if (same) return;
  faults++;
  console.log(`  recorded ${recorded.join("\n           ")}\n  anew     ${anew.join("\n           ")}`);
}

function read(file: string): RecordedSession {
  const bytes = readFileSync(file);
  const reader = new SessionReader();
  reader.push(file.endsWith(".gz") ? gunzipSync(bytes) : bytes);
  const records = [...reader.records()];
  reader.end();
  return { header: reader.header!, records };
}
