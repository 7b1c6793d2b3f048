import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { appendToPrivateFile, makePrivateFolder, writePrivateFile } from "./private-file.ts";
import { formatSessionHeader, formatSessionRecord } from "./session-file.ts";
import { sessionFileEnding } from "./session-folder.ts";
import type { SourceEvent } from "./source.ts";

/** The text of a session that is gathered before it is written, in characters. */
const pieceLength = 256 * 1024;
/** The text of all sessions together that is gathered; beyond that all of it is written. */
export const maxGatheredLength = 16 * 1024 * 1024;

interface OpenFile {
  readonly path: string;
  pieces: string[];
  length: number;
}

/**
 * Writes the sessions of a source to a folder, all or none: the files get their names when `commit` is called, and are
 * removed by `abandon`. Only their owner can read the files.
 */
export class SessionExport {
  readonly #folder: string;
  readonly #prefix: string;
  readonly #files = new Map<number, OpenFile>();
  #gathered = 0;
  readonly #names: { readonly temporary: string; readonly name: string }[] = [];

  /** `prefix` begins the files' names. @throws Error of node:fs */
  constructor(folder: string, prefix: string) {
    makePrivateFolder(folder);
    this.#folder = folder;
    this.#prefix = prefix;
  }

  take(event: SourceEvent): void {
    if (event.type === "open") {
      const name = `${this.#prefix}-${String(event.session).padStart(4, "0")}${sessionFileEnding}`;
      const temporary = join(this.#folder, `.${name}.${process.pid}`);
      // One that an earlier run left behind.
      rmSync(temporary, { force: true });
      writePrivateFile(temporary, formatSessionHeader(event.header));
      this.#names.push({ temporary, name });
      this.#files.set(event.session, { path: temporary, pieces: [], length: 0 });
      return;
    }
    const file = this.#files.get(event.session);
    if (file === undefined) return;
    if (event.type === "record") {
      const line = formatSessionRecord(event.record);
      file.pieces.push(line);
      file.length += line.length;
      this.#gathered += line.length;
    }
    if (event.type === "close" || file.length > pieceLength) this.#write(file);
    if (event.type === "close") this.#files.delete(event.session);
    if (this.#gathered > maxGatheredLength) for (const other of this.#files.values()) this.#write(other);
  }

  #write(file: OpenFile): void {
    if (file.length === 0) return;
    appendToPrivateFile(file.path, file.pieces.join(""));
    this.#gathered -= file.length;
    file.pieces = [];
    file.length = 0;
  }

  /** Gives the files their names, which it returns. */
  commit(): string[] {
    for (const { temporary, name } of this.#names) renameSync(temporary, join(this.#folder, name));
    return this.#names.map(({ name }) => join(this.#folder, name));
  }

  /** Removes what was written. */
  abandon(): void {
    for (const { temporary } of this.#names) rmSync(temporary, { force: true });
  }
}
