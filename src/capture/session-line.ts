import type {
  BytesRecord,
  SessionEnd,
  SessionHeader,
  SessionPart,
  SessionRecord,
  Side,
} from "./session-file.ts";
import { maxNoteLength } from "./session-file.ts";

const sides: ReadonlySet<unknown> = new Set<Side>(["dialler", "listener"]);
const ends: ReadonlySet<unknown> = new Set<SessionEnd>(["fin", "reset", "open"]);
const parts: ReadonlySet<unknown> = new Set<SessionPart>(["header", "key", "features", "message"]);

/** The beginning of a record of bytes as this package writes it; the bytes in hex and `"}` follow. */
const bytesBeginning =
  /^\{"at":(-?\d{1,20}(?:\.\d{1,20})?),"from":"(dialler|listener)",(?:"part":"(header|key|features|message)",)?"bytes":"/;
const longestBeginning = 128;

/**
 * The record of bytes that a line in pieces holds, if the line has the very form that this package writes: it is decoded
 * piece by piece, without the whole line as one text. `undefined` for any other line, which may be valid all the same.
 */
export function readBytesLine(pieces: readonly Uint8Array[], length: number): BytesRecord | undefined {
  const match = bytesBeginning.exec(latin1(beginningOf(pieces, longestBeginning)));
  if (match === null) return undefined;
  const [beginning, at, from, part] = match;
  const digits = length - beginning.length - 2;
  if (digits < 0 || digits % 2 !== 0) return undefined;
  const bytes = new Uint8Array(digits / 2);
  let text = "";
  let skipped = beginning.length;
  let written = 0;
  let left = digits;
  for (const piece of pieces) {
    const start = Math.min(skipped, piece.length);
    skipped -= start;
    const stop = Math.min(piece.length, start + left);
    left -= stop - start;
    // Digits that were left of the piece before come first.
    text += latin1(piece.subarray(start, stop));
    const even = text.length - (text.length % 2);
    const decoded = Buffer.from(even === text.length ? text : text.slice(0, even), "hex");
    if (decoded.length !== even / 2) return undefined;
    bytes.set(decoded, written);
    written += decoded.length;
    text = text.slice(even) + latin1(piece.subarray(stop));
    if (left === 0) break;
  }
  if (latin1(endOf(pieces, 2)) !== '"}') return undefined;
  const base = { at: Number(at), from: from as Side };
  return part === undefined ? { ...base, bytes } : { ...base, part: part as SessionPart, bytes };
}

/** Whether a line that is not complete may be a record of bytes in that form. */
export function mayBeBytesLine(pieces: readonly Uint8Array[]): boolean {
  return bytesBeginning.test(latin1(beginningOf(pieces, longestBeginning)));
}

/** Returns the record in a line of JSON, or the fault of the line. */
export function readRecord(line: string): SessionRecord | string {
  const record = parseJson(line);
  if (record === undefined) return "not a JSON object";
  const { at, from, part, bytes, missing, end, note } = record;
  if (typeof at !== "number" || !Number.isFinite(at)) return '"at" is not a number';
  if (!sides.has(from)) return '"from" is neither dialler nor listener';
  const base = { at, from: from as Side };
  if (typeof bytes === "string") {
    const decoded = Buffer.from(bytes, "hex");
    if (decoded.length * 2 !== bytes.length) return '"bytes" is not hexadecimal';
    const value = new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.length);
    if (part === undefined) return { ...base, bytes: value };
    if (!parts.has(part)) return '"part" does not fit the layer';
    return { ...base, part: part as SessionPart, bytes: value };
  }
  if (Number.isSafeInteger(missing) && (missing as number) > 0)
    return { ...base, missing: missing as number };
  if (ends.has(end)) return { ...base, end: end as SessionEnd };
  if (typeof note === "string") {
    return note.length <= maxNoteLength ? { ...base, note } : `"note" is longer than ${maxNoteLength}`;
  }
  return "neither bytes, nor missing, nor end, nor note";
}

/** A JSON object in a text. */
export function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the fault of a header whose format and version are right, if it has one. */
export function headerFault(header: Readonly<Record<string, unknown>>): string | undefined {
  const { layer, started, title, made, flavour, protocol, sessionKey } = header;
  if (layer !== "wire" && layer !== "plain") return '"layer" is neither wire nor plain';
  if (typeof started !== "string" || Number.isNaN(Date.parse(started))) return '"started" is not a time';
  for (const side of ["dialler", "listener"] as const) {
    const about = header[side];
    if (typeof about !== "object" || about === null) return `"${side}" is missing`;
    const { address, secretKey, password } = about as Record<string, unknown>;
    if (address !== undefined && typeof address !== "string") return `"${side}.address" is not a text`;
    if (secretKey !== undefined && !isKey(secretKey)) return `"${side}.secretKey" is not 64 hex digits`;
    if (password !== undefined && password !== null && typeof password !== "string")
      return `"${side}.password" is not a text`;
  }
  if (sessionKey !== undefined && !isKey(sessionKey)) return '"sessionKey" is not 64 hex digits';
  if (flavour !== undefined && flavour !== "mac" && flavour !== "hash")
    return '"flavour" is neither mac nor hash';
  if (protocol !== undefined && protocol !== 1 && protocol !== 2) return '"protocol" is neither 1 nor 2';
  if (title !== undefined && typeof title !== "string") return '"title" is not a text';
  return made === undefined || isTexts(made) ? undefined : '"made" is not an object of texts';
}

/** Whether a record belongs to a layer: on the plain one all bytes have a part, on the wire none. */
export function fitsLayer(record: SessionRecord, layer: SessionHeader["layer"]): boolean {
  return !("bytes" in record) || (record.part !== undefined) === (layer === "plain");
}

function isTexts(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((text) => typeof text === "string");
}

function isKey(value: unknown): boolean {
  return typeof value === "string" && /^[0-9a-f]{64}$/i.test(value);
}

/** The first bytes of a line, at most `count`. */
function beginningOf(pieces: readonly Uint8Array[], count: number): Uint8Array {
  const first = pieces[0];
  if (first !== undefined && first.length >= count) return first.subarray(0, count);
  const joined: number[] = [];
  for (const piece of pieces) {
    for (let index = 0; index < piece.length && joined.length < count; index++) joined.push(piece[index]!);
    if (joined.length === count) break;
  }
  return Uint8Array.from(joined);
}

/** The last bytes of a line, at most `count`. */
function endOf(pieces: readonly Uint8Array[], count: number): Uint8Array {
  const joined: number[] = [];
  for (let last = pieces.length - 1; last >= 0 && joined.length < count; last--) {
    const piece = pieces[last]!;
    for (let index = piece.length - 1; index >= 0 && joined.length < count; index--)
      joined.push(piece[index]!);
  }
  return Uint8Array.from(joined.reverse());
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
