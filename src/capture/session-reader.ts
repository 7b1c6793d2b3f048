import { CaptureError } from "./errors.ts";
import {
  type SessionEnd,
  type SessionHeader,
  type SessionPart,
  type SessionRecord,
  type Side,
  sessionFormat,
  sessionFormatVersion,
} from "./session-file.ts";

/** The longest line that is read, in bytes: a message of 64 MiB in hex, and room. */
const maxLineBytes = 160 * 1024 * 1024;
const lineEnd = 0x0a;

const sides: ReadonlySet<unknown> = new Set<Side>(["dialler", "listener"]);
const ends: ReadonlySet<unknown> = new Set<SessionEnd>(["fin", "reset", "open"]);
const parts: ReadonlySet<unknown> = new Set<SessionPart>(["header", "key", "features", "message"]);

/**
 * Reads a session file from chunks of any size.
 *
 * Errors are CaptureErrors with the number of the line: `unknown-format`, `unknown-version`, `malformed`, and at the end
 * `truncated`. The reader then stays failed; what it gave out before was sound.
 */
export class SessionReader {
  #header: SessionHeader | undefined;
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #lines: Buffer[] = [];
  #line = 0;

  /** The header, once its line has come: as soon as `next` was asked. */
  get header(): SessionHeader | undefined {
    return this.#header;
  }

  /** Adds bytes of the file, which must not change afterwards. */
  push(chunk: Uint8Array): void {
    let start = 0;
    for (let at = chunk.indexOf(lineEnd); at !== -1; at = chunk.indexOf(lineEnd, start)) {
      this.#pieces.push(chunk.subarray(start, at));
      this.#lines.push(this.#pieces.length === 1 ? viewOf(this.#pieces[0]!) : Buffer.concat(this.#pieces));
      this.#pieces = [];
      this.#pieceBytes = 0;
      start = at + 1;
    }
    if (start === chunk.length) return;
    this.#pieces.push(chunk.subarray(start));
    this.#pieceBytes += chunk.length - start;
    const limit = this.#header === undefined && this.#lines.length === 0 ? 1024 * 1024 : maxLineBytes;
    if (this.#pieceBytes > limit) {
      if (this.#header === undefined) throw notASession();
      throw this.#error("malformed", `longer than ${maxLineBytes} bytes`);
    }
  }

  /** The next record, `undefined` if its line has not come whole. */
  next(): SessionRecord | undefined {
    if (this.#header === undefined) {
      const first = this.#lines.shift();
      if (first === undefined) return undefined;
      this.#line++;
      this.#header = parseHeader(first.toString("utf8"));
    }
    const line = this.#lines.shift();
    if (line === undefined) return undefined;
    this.#line++;
    return this.#parse(line);
  }

  /** All records whose lines have come whole. */
  *records(): Generator<SessionRecord, void, undefined> {
    for (let record = this.next(); record !== undefined; record = this.next()) yield record;
  }

  /** To be called at the end of the file, after `next` gave undefined. @throws CaptureError */
  end(): void {
    if (this.#header === undefined) {
      const beginning = Buffer.concat(this.#pieces).toString("latin1");
      const promising = beginning.startsWith(`{"format":"${sessionFormat}"`);
      throw promising ? new CaptureError("truncated", "the file ends in its first line") : notASession();
    }
    if (this.#pieceBytes > 0)
      throw new CaptureError("truncated", `the file ends in the middle of line ${this.#line + 1}`, {
        line: this.#line + 1,
      });
  }

  #parse(line: Buffer): SessionRecord {
    const record = parseJson(line.toString("latin1"));
    if (record === undefined) throw this.#error("malformed", "not a JSON object");
    const { at, from, part, bytes, missing, end } = record;
    if (typeof at !== "number" || !Number.isFinite(at)) throw this.#error("malformed", '"at" is no number');
    if (!sides.has(from)) throw this.#error("malformed", '"from" is neither dialler nor listener');
    const base = { at, from: from as Side };
    if (typeof bytes === "string") {
      const decoded = Buffer.from(bytes, "hex");
      if (decoded.length * 2 !== bytes.length) throw this.#error("malformed", '"bytes" is not hexadecimal');
      const value = new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.length);
      const plain = this.#header!.layer === "plain";
      if (plain !== (part !== undefined) || (plain && !parts.has(part))) {
        throw this.#error("malformed", '"part" does not fit the layer');
      }
      return plain ? { ...base, part: part as SessionPart, bytes: value } : { ...base, bytes: value };
    }
    if (Number.isSafeInteger(missing) && (missing as number) > 0)
      return { ...base, missing: missing as number };
    if (ends.has(end)) return { ...base, end: end as SessionEnd };
    throw this.#error("malformed", "neither bytes, nor missing, nor end");
  }

  #error(code: "malformed", reason: string): CaptureError {
    return new CaptureError(code, `line ${this.#line}: ${reason}`, { line: this.#line });
  }
}

/** Whether a file that begins so may be a session file. */
export function looksLikeSession(beginning: Uint8Array): boolean {
  return viewOf(beginning.subarray(0, 64)).toString("latin1").startsWith('{"format":"');
}

function notASession(): CaptureError {
  return new CaptureError("unknown-format", "neither a session file nor a packet capture");
}

function parseHeader(text: string): SessionHeader {
  const header = parseJson(text);
  if (header?.format !== sessionFormat) throw notASession();
  if (header.version !== sessionFormatVersion) {
    throw new CaptureError(
      "unknown-version",
      `a session file of version ${JSON.stringify(header.version)}; known is ${sessionFormatVersion}`,
      { line: 1 },
    );
  }
  const fault = headerFault(header);
  if (fault !== undefined) throw new CaptureError("malformed", `line 1: ${fault}`, { line: 1 });
  return header as unknown as SessionHeader;
}

function headerFault(header: Record<string, unknown>): string | undefined {
  if (header.layer !== "wire" && header.layer !== "plain") return '"layer" is neither wire nor plain';
  if (typeof header.started !== "string" || Number.isNaN(Date.parse(header.started)))
    return '"started" is no time';
  for (const side of ["dialler", "listener"] as const) {
    const about = header[side];
    if (typeof about !== "object" || about === null) return `"${side}" is missing`;
    const { secretKey, password } = about as Record<string, unknown>;
    if (secretKey !== undefined && !isKey(secretKey)) return `"${side}.secretKey" is not 64 hex digits`;
    if (password !== undefined && password !== null && typeof password !== "string")
      return `"${side}.password" is no text`;
  }
  if (header.sessionKey !== undefined && !isKey(header.sessionKey))
    return '"sessionKey" is not 64 hex digits';
  if (header.flavour !== undefined && header.flavour !== "mac" && header.flavour !== "hash")
    return '"flavour" is neither mac nor hash';
  return undefined;
}

function isKey(value: unknown): boolean {
  return typeof value === "string" && /^[0-9a-f]{64}$/i.test(value);
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
