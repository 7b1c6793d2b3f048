import { basename, join } from "node:path";
import { CaptureError } from "./errors.ts";
import { MemoryBudget } from "./memory-budget.ts";
import { createPrivateFile, makePrivateFolder, type WritableFile } from "./private-file.ts";
import type { SessionSink } from "./recording-proxy.ts";
import { formatSessionHeader, type SessionHeader } from "./session-file.ts";
import { maxFolderBacklogBytes, SessionWriter } from "./session-writer.ts";

/** The ending of the names of session files. */
export const sessionFileEnding = ".session.jsonl";

/**
 * A folder to which sessions are written while they go on, one file each. Only their owner can read the files. Several
 * processes may write to one folder. Whatever goes wrong with a file ends the recording of its session and nothing else.
 */
export class SessionFolder {
  readonly #folder: string;
  readonly #onFile: ((file: string) => void) | undefined;
  readonly #open = new Set<Promise<void>>();
  readonly #failed: (error: Error) => void;
  readonly #create: (path: string) => Promise<WritableFile>;
  readonly #backlog = new MemoryBudget(maxFolderBacklogBytes);
  #count = 0;

  /**
   * Makes the folder if it does not exist, for its owner only. `failed` gets a CaptureError `recording-stopped` for each
   * session of which not all is written; `onFile` is called with the name of each new file.
   * @throws Error of node:fs
   */
  constructor(
    folder: string,
    failed: (error: Error) => void,
    onFile?: (file: string) => void,
    create: (path: string) => Promise<WritableFile> = createPrivateFile,
  ) {
    makePrivateFolder(folder);
    this.#folder = folder;
    this.#failed = failed;
    this.#onFile = onFile;
    this.#create = create;
  }

  /** Begins a file, named by the time and a number. Never throws. */
  readonly open = (header: SessionHeader): SessionSink => {
    const time = header.started.replace(/[-:]|\.\d+Z$/g, "");
    let path = this.#path(time);
    const create = async (): Promise<WritableFile> => {
      for (;;) {
        try {
          const file = await this.#create(path);
          this.#onFile?.(basename(path));
          return file;
        } catch (error) {
          // Another process, or an earlier run, had a session in the same second.
          if ((error as { code?: string }).code !== "EEXIST") throw error;
          path = this.#path(time);
        }
      }
    };
    const failed = (reason: string) =>
      this.#failed(new CaptureError("recording-stopped", `${path}: ${reason}`));
    const writer = new SessionWriter(formatSessionHeader(header), create, this.#backlog, failed);
    this.#open.add(writer.done);
    void writer.done.then(() => this.#open.delete(writer.done));
    return writer;
  };

  /** Settles when all files of ended sessions are written. */
  async flushed(): Promise<void> {
    await Promise.all(this.#open);
  }

  #path(time: string): string {
    const number = String(++this.#count).padStart(4, "0");
    return join(this.#folder, `${time}-${number}${sessionFileEnding}`);
  }
}
