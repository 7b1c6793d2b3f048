import { keyBytes } from "../wire/index.ts";
import { CaptureError } from "./errors.ts";
import { secretKeyLabel, sessionKeyLabel } from "./key-log.ts";

/** The bytes of a key log's line that are looked at; the rest of a longer line is passed over. */
export const maxKeyLogLineBytes = 4096;
const lineEnd = 0x0a;

/** Takes the keys of a key log. */
export interface KeySink {
  addSessionKey(key: Uint8Array): unknown;
  addSecretKey(publicKey: Uint8Array, secretKey: Uint8Array): unknown;
}

/**
 * Reads a key log from chunks of any size, and gives its keys to a ring. Empty lines, lines that begin with `#` and
 * unknown labels are passed over; so is what follows the key on a line. Keeps at most 4096 bytes of a line, however long
 * it is.
 *
 * Both methods throw CaptureError: `malformed-key-log` with the number of the line, and what the ring throws.
 */
export class KeyLogReader {
  readonly #keys: KeySink;
  readonly #line = new Uint8Array(maxKeyLogLineBytes);
  #length = 0;
  #number = 1;

  constructor(keys: KeySink) {
    this.#keys = keys;
  }

  /** Takes bytes of the log. A line counts when its end has come. */
  push(chunk: Uint8Array): void {
    for (let start = 0; start < chunk.length; ) {
      let end = chunk.indexOf(lineEnd, start);
      const isComplete = end !== -1;
      if (!isComplete) end = chunk.length;
      const stop = Math.min(end, start + maxKeyLogLineBytes - this.#length);
      this.#line.set(chunk.subarray(start, stop), this.#length);
      this.#length += stop - start;
      start = end + 1;
      if (isComplete) this.#finishLine();
    }
  }

  /** To be called at the end of the log: its last line may have no end. */
  end(): void {
    if (this.#length > 0) this.#finishLine();
  }

  #finishLine(): void {
    const text = Buffer.from(this.#line.buffer, 0, this.#length).toString("latin1");
    this.#length = 0;
    const number = this.#number++;
    if (text.length === 0 || text.startsWith("#")) return;
    const [label, first = "", second = ""] = text.trim().split(/\s+/, 3);
    if (label === sessionKeyLabel && /^[0-9a-f]{16}$/i.test(first) && isKey(second)) {
      this.#keys.addSessionKey(fromHex(second));
    } else if (label === secretKeyLabel && isKey(first) && isKey(second)) {
      this.#keys.addSecretKey(fromHex(first), fromHex(second));
    } else if (label === sessionKeyLabel || label === secretKeyLabel) {
      throw new CaptureError("malformed-key-log", `line ${number}: not a key log line`, { line: number });
    }
  }
}

function isKey(text: string): boolean {
  return text.length === 2 * keyBytes && /^[0-9a-f]+$/i.test(text);
}

function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}
