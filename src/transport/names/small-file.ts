import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";

/**
 * A small configuration file that is read again when it changes, into a value that is made from its text.
 *
 * Reading is synchronous: a thread of Node's pool may not be free, and the files are local and small.
 */
export class SmallFile<T> {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #parse: (text: string) => T;
  #version: string | undefined;
  #value: T | undefined;

  /** @param maxBytes the size beyond which the rest of the file is ignored, from its last whole line. */
  constructor(path: string, maxBytes: number, parse: (text: string) => T) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#parse = parse;
  }

  /** Returns the value of the present file; undefined if it cannot be read. Never throws. */
  read(): T | undefined {
    try {
      const { mtimeMs, ctimeMs, size, ino } = statSync(this.#path);
      const version = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
      if (version !== this.#version) {
        this.#value = this.#parse(this.#readText());
        this.#version = version;
      }
    } catch {
      this.#version = undefined;
      this.#value = undefined;
    }
    return this.#value;
  }

  #readText(): string {
    // Opening a FIFO would wait for its writer.
    if (!statSync(this.#path).isFile()) return "";
    const file = openSync(this.#path, "r");
    try {
      const bytes = Buffer.alloc(Math.min(fstatSync(file).size, this.#maxBytes) + 1);
      let length = 0;
      while (length < bytes.length) {
        const count = readSync(file, bytes, length, bytes.length - length, length);
        if (count === 0) break;
        length += count;
      }
      const isWhole = length <= this.#maxBytes;
      const text = bytes.toString("utf8", 0, Math.min(length, this.#maxBytes));
      return isWhole ? text : text.slice(0, text.lastIndexOf("\n") + 1);
    } finally {
      closeSync(file);
    }
  }
}
