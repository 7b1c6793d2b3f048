import { createWriteStream, type WriteStream } from "node:fs";
import { openSecretsFile } from "./private-file.ts";

/** The most bytes that wait to be written to a key log; further lines are lost, which is reported once. */
export const maxSecretsBacklogBytes = 1024 * 1024;

/**
 * A file of secrets to which lines are appended, and which only its owner can read: see {@link openSecretsFile}. Nothing
 * waits for the disk. The file stays open: after a rotation lines go on into the old one.
 */
export class SecretsLog {
  readonly #stream: WriteStream;
  readonly #failed: (error: Error) => void;
  #reported = false;

  /**
   * Opens the file. `notice` is told what was changed about it, `failed` once if lines are lost.
   * @throws Error if it cannot be opened, or would be open to others
   */
  constructor(path: string, failed: (error: Error) => void, notice: (text: string) => void) {
    this.#failed = failed;
    this.#stream = createWriteStream(path, { fd: openSecretsFile(path, notice) });
    this.#stream.on("error", (error) => this.#report(error));
  }

  /** Appends a line with its line end. */
  append(line: string): void {
    if (this.#stream.writableLength + line.length > maxSecretsBacklogBytes) {
      this.#report(
        new Error(`lines are lost: ${this.#stream.writableLength} bytes were waiting for the disk`),
      );
      return;
    }
    this.#stream.write(line);
  }

  /** Settles when all lines are written, or cannot be. */
  async close(): Promise<void> {
    if (this.#stream.closed) return;
    await new Promise<void>((resolve) => {
      this.#stream.once("close", resolve);
      this.#stream.end();
    });
  }

  #report(error: Error): void {
    if (!this.#reported) this.#failed(error);
    this.#reported = true;
  }
}
