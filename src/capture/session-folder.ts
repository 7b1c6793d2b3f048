import { createWriteStream, existsSync, mkdirSync, type WriteStream } from "node:fs";
import { basename, join } from "node:path";
import type { SessionSink } from "./recording-proxy.ts";
import { formatSessionHeader, formatSessionRecord, type SessionHeader } from "./session-file.ts";

/** What the files of sessions are called. */
export const sessionFileEnding = ".session.jsonl";

/** A folder to which sessions are written while they go on, one file each. */
export class SessionFolder {
  readonly #folder: string;
  readonly #onFile: ((file: string) => void) | undefined;
  readonly #open = new Set<Promise<void>>();
  readonly #failed: (error: Error) => void;
  #count = 0;

  /**
   * Makes the folder if it is not there. `onFile` is told of each new file, `failed` of errors in writing.
   * @throws Error of node:fs
   */
  constructor(folder: string, failed: (error: Error) => void, onFile?: (file: string) => void) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
    this.#failed = failed;
    this.#onFile = onFile;
  }

  /** Begins a file, named by the time and a number. */
  readonly open = (header: SessionHeader): SessionSink => {
    const time = header.started.replace(/[-:]|\.\d+Z$/g, "");
    let file: string;
    do {
      const number = String(++this.#count).padStart(4, "0");
      file = join(this.#folder, `${time}-${number}${sessionFileEnding}`);
      // A recording of the same second may have been here before us.
    } while (existsSync(file));
    const stream = createWriteStream(file, { flags: "wx" });
    stream.write(formatSessionHeader(header));
    this.#onFile?.(basename(file));
    const done = finished(stream, this.#failed).finally(() => this.#open.delete(done));
    this.#open.add(done);
    return {
      record: (record) => void stream.write(formatSessionRecord(record)),
      closed: () => void stream.end(),
    };
  };

  /** Settles when all files that were ended are written. */
  async flushed(): Promise<void> {
    await Promise.all(this.#open);
  }
}

function finished(stream: WriteStream, failed: (error: Error) => void): Promise<void> {
  return new Promise((resolve) => {
    stream.on("error", (error) => {
      failed(error);
      resolve();
    });
    stream.on("close", resolve);
  });
}
