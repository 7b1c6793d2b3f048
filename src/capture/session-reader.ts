import { escapedJson } from "../go-text/index.ts";
import { maxFrameBytesV1 } from "../wire/index.ts";
import { CaptureError } from "./errors.ts";
import { LinePieces } from "./line-pieces.ts";
import {
  type SessionHeader,
  type SessionRecord,
  sessionFormat,
  sessionFormatVersion,
} from "./session-file.ts";
import {
  fitsLayer,
  headerFault,
  mayBeBytesLine,
  parseJson,
  readBytesLine,
  readRecord,
} from "./session-line.ts";

/** The most bytes of the header's line, and of a record that has not the very form in which bytes are written. */
export const maxTextLineBytes = 1024 * 1024;
/** The most bytes of any line: the longest message, in hex, and the rest of its record. */
export const maxLineBytes = 2 * maxFrameBytesV1 + 64 * 1024;

/**
 * Reads a session file from chunks of any size. Keeps the chunks that were not read yet, and of a line that is not
 * complete at most {@link maxLineBytes}.
 *
 * Errors are CaptureErrors with the number of the line: `unknown-format`, `unknown-version`, `malformed`, and at the end
 * `truncated`. The reader then stays failed; what it gave out before was sound.
 */
export class SessionReader {
  readonly #lines = new LinePieces();
  #header: SessionHeader | undefined;
  #line = 0;

  /** The header, once its line has come and `next` was called. */
  get header(): SessionHeader | undefined {
    return this.#header;
  }

  /** Adds bytes of the file, which must not change afterwards. */
  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  /** The next record, `undefined` if its line has not come whole. @throws CaptureError */
  next(): SessionRecord | undefined {
    const pieces = this.#lines.next();
    if (pieces === undefined) {
      this.#checkPending();
      return undefined;
    }
    this.#line++;
    if (this.#header !== undefined) return this.#record(pieces);
    this.#header = parseHeader(pieces);
    return this.next();
  }

  /** All records whose lines have come whole. @throws CaptureError */
  *records(): Generator<SessionRecord, void, undefined> {
    for (let record = this.next(); record !== undefined; record = this.next()) yield record;
  }

  /** To be called at the end of the file, after `next` gave undefined. @throws CaptureError */
  end(): void {
    if (this.#header === undefined) {
      const beginning = textOf(this.#lines.pending);
      const promising = beginning.startsWith(`{"format":"${sessionFormat}"`);
      throw promising ? new CaptureError("truncated", "the file ends in its first line") : notASession();
    }
    if (this.#lines.pendingBytes > 0)
      throw new CaptureError("truncated", `the file ends in the middle of line ${this.#line + 1}`, {
        line: this.#line + 1,
      });
  }

  /** Refuses a line that is not complete as soon as it is too long. */
  #checkPending(): void {
    const { pending, pendingBytes } = this.#lines;
    if (pendingBytes <= maxTextLineBytes) return;
    if (this.#header === undefined) throw notASession();
    if (pendingBytes > maxLineBytes) throw this.#error(this.#line + 1, `longer than ${maxLineBytes} bytes`);
    if (!mayBeBytesLine(pending)) throw this.#tooLong(this.#line + 1);
  }

  #record(pieces: readonly Uint8Array[]): SessionRecord {
    const length = lengthOf(pieces);
    if (length > maxLineBytes) throw this.#error(this.#line, `longer than ${maxLineBytes} bytes`);
    let record: SessionRecord | string | undefined = readBytesLine(pieces, length);
    if (record === undefined && length > maxTextLineBytes) throw this.#tooLong(this.#line);
    record ??= readRecord(textOf(pieces));
    if (typeof record === "string") throw this.#error(this.#line, record);
    if (!fitsLayer(record, this.#header!.layer))
      throw this.#error(this.#line, '"part" does not fit the layer');
    return record;
  }

  #tooLong(line: number): CaptureError {
    return this.#error(line, `longer than ${maxTextLineBytes} bytes, and not a record of bytes`);
  }

  #error(line: number, reason: string): CaptureError {
    return new CaptureError("malformed", `line ${line}: ${reason}`, { line });
  }
}

/** Whether a file that begins so may be a session file. */
export function looksLikeSession(beginning: Uint8Array): boolean {
  return textOf([beginning.subarray(0, 64)]).startsWith('{"format":"');
}

function notASession(): CaptureError {
  return new CaptureError("unknown-format", "neither a session file nor a packet capture");
}

function parseHeader(pieces: readonly Uint8Array[]): SessionHeader {
  if (lengthOf(pieces) > maxTextLineBytes) throw notASession();
  const header = parseJson(textOf(pieces));
  if (header?.format !== sessionFormat) throw notASession();
  if (header.version !== sessionFormatVersion) {
    throw new CaptureError(
      "unknown-version",
      `a session file of version ${shown(header.version)}; known is ${sessionFormatVersion}`,
      { line: 1 },
    );
  }
  const fault = headerFault(header);
  if (fault !== undefined) throw new CaptureError("malformed", `line 1: ${fault}`, { line: 1 });
  return header as unknown as SessionHeader;
}

/** A version that is not known, for an error: nothing in a file is printed at full length. */
function shown(version: unknown): string {
  if (typeof version === "number") return String(version);
  return typeof version === "string" ? escapedJson(version.slice(0, 20)) : "no number";
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length;
}

function textOf(pieces: readonly Uint8Array[]): string {
  const [first] = pieces;
  const bytes = pieces.length === 1 ? first! : Buffer.concat(pieces);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}
