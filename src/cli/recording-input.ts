import { createReadStream, type Dirent, readdirSync, statSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import {
  CaptureError,
  KeyLogReader,
  KeyRing,
  looksLikePackets,
  looksLikeSession,
  PacketSource,
  SessionSource,
  type Source,
} from "../capture/index.ts";
import { CliError, oneLine } from "./errors.ts";

const chunkBytes = 1024 * 1024;
/** So much is looked at to tell what a recording is. */
const beginningBytes = 16;

/**
 * The keys of key logs and passwords.
 *
 * @throws CliError `failed` for a key log that cannot be read.
 */
export async function readKeys(files: readonly string[], passwords: readonly string[]): Promise<KeyRing> {
  const ring = new KeyRing();
  for (const password of passwords) ring.addPassword(new TextEncoder().encode(password));
  for (const file of files) {
    try {
      const reader = new KeyLogReader(ring);
      for await (const chunk of createReadStream(file) as AsyncIterable<Uint8Array>) reader.push(chunk);
      reader.end();
    } catch (error) {
      throw fileError(file, error);
    }
  }
  return ring;
}

/** Key logs that grow while they are read: each call of `refresh` adds the keys that were logged since the last one. */
export class GrowingKeyLogs {
  readonly #ring: KeyRing;
  readonly #logs: Map<string, { reader: KeyLogReader; position: number }>;

  constructor(ring: KeyRing, files: readonly string[]) {
    this.#ring = ring;
    this.#logs = new Map(files.map((file) => [file, { reader: new KeyLogReader(ring), position: 0 }]));
  }

  /**
   * Reads on. A missing log and an incomplete last line are ignored; a log that has become shorter is read anew.
   *
   * @throws CliError `failed` for a log that cannot be read.
   */
  async refresh(): Promise<void> {
    for (const [file, log] of this.#logs) {
      try {
        const size = (await stat(file)).size;
        if (size < log.position) {
          log.reader = new KeyLogReader(this.#ring);
          log.position = 0;
        }
        if (size === log.position) continue;
        const added = createReadStream(file, { start: log.position, end: size - 1 });
        for await (const chunk of added as AsyncIterable<Uint8Array>) {
          log.position += chunk.length;
          log.reader.push(chunk);
        }
      } catch (error) {
        if ((error as { code?: string }).code !== "ENOENT") throw fileError(file, error);
      }
    }
  }
}

/** The files behind some arguments: a folder stands for the session files in it. @throws CliError */
export function recordingFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (path === standardInput) return [path];
    try {
      if (!statSync(path).isDirectory()) return [path];
      const found = readdirSync(path, { withFileTypes: true }).filter((entry) => isSessionFile(path, entry));
      return found.map(({ name }) => join(path, name)).sort();
    } catch (error) {
      throw new CliError("failed", oneLine(error), { cause: error });
    }
  });
}

/** Whether an entry of a folder is a session file: opening a pipe or a device of such a name could wait forever. */
function isSessionFile(folder: string, entry: Dirent): boolean {
  if (!/\.session\.jsonl(\.gz)?$/.test(entry.name)) return false;
  if (!entry.isSymbolicLink()) return entry.isFile();
  return statSync(join(folder, entry.name), { throwIfNoEntry: false })?.isFile() === true;
}

/** The name that stands for standard input in place of a file. */
export const standardInput = "-";

/** The chunks of a file, unpacked if gzip packed it, or of standard input, which must not be packed. */
export async function* fileChunks(
  file: string,
  stdin: Readable,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (file === standardInput) {
    let beginning: Uint8Array | undefined = new Uint8Array(0);
    for await (const chunk of stdin as AsyncIterable<Uint8Array>) {
      // A pipe may give less than it takes to tell what it is.
      const bytes: Uint8Array = beginning === undefined ? chunk : Buffer.concat([beginning, chunk]);
      beginning = beginning !== undefined && bytes.length < beginningBytes ? bytes : undefined;
      if (beginning === undefined) yield bytes;
    }
    if (beginning !== undefined && beginning.length > 0) yield beginning;
    return;
  }
  const handle = await open(file);
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  await handle.close();
  const stream = createReadStream(file, { highWaterMark: chunkBytes });
  if (bytesRead < 2 || buffer[0] !== 0x1f || buffer[1] !== 0x8b) {
    yield* stream as AsyncIterable<Uint8Array>;
    return;
  }
  const unpacked = createGunzip({ chunkSize: chunkBytes });
  // Either ends the other, whoever stops first.
  pipeline(stream, unpacked, () => {});
  try {
    yield* unpacked as AsyncIterable<Uint8Array>;
  } catch (error) {
    const code = (error as { code?: string }).code ?? "";
    if (code === "Z_BUF_ERROR") throw new CaptureError("truncated", "the packed file is cut off");
    if (code.startsWith("Z_"))
      throw new CaptureError("malformed", `the packed file is damaged (${oneLine(error)})`);
    throw error;
  }
}

/** Returns the reader for a recording that begins so. @throws CaptureError `unknown-format` */
export function sourceFor(file: string, beginning: Uint8Array): Source {
  if (looksLikePackets(beginning)) return new PacketSource({ from: basename(file) });
  if (looksLikeSession(beginning)) return new SessionSource();
  throw new CaptureError("unknown-format", "neither a session file nor a packet capture");
}

/** An error about a file, for its user. */
export function fileError(file: string, error: unknown): CliError {
  const cause = error as { code?: string; message?: string };
  const text = cause.code === "ENOENT" ? "no such file" : oneLine(error);
  return new CliError("failed", `${file}: ${text}`, { cause: error });
}
