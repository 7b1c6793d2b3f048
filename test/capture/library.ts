import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { type RecordedSession, SessionReader } from "../../src/capture/index.ts";

const fixtures = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "fixtures");

/** Where the recorded sessions are. */
export const libraryFolder = join(fixtures, "sessions");
/** Where the packet captures are, with what the proxy recorded at the same time. */
export const packetsFolder = join(fixtures, "packets");

/** The files of the library. */
export function libraryFiles(): string[] {
  return readdirSync(libraryFolder)
    .filter((file) => /\.session\.jsonl(\.gz)?$/.test(file))
    .sort();
}

/** A file, unpacked if it is packed. */
export function readUnpacked(path: string): Uint8Array {
  const bytes = readFileSync(path);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

/** A session of the library. */
export function readSession(path: string): RecordedSession {
  const reader = new SessionReader();
  reader.push(readUnpacked(path));
  const records = [...reader.records()];
  reader.end();
  return { header: reader.header!, records };
}

/** The manifest: what each file decodes to. */
export function readManifest(): Record<string, { readonly decoded: string; readonly title: string }> {
  return JSON.parse(readFileSync(join(libraryFolder, "manifest.json"), "utf8"));
}
