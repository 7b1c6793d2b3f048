import { escapeText } from "../go-text/index.ts";
import type { GobError } from "../gob/index.ts";

/** The value that could not be decoded, in the words of the original. */
export interface GobTarget {
  /** Its Go type as `%v` prints it: `string`, `mesh.PeerName`, `[]mesh.connectionSummary`. */
  readonly type: string;
  /** The same in our gob's words, where they differ. */
  readonly ourType?: string;
  /** The Go name of the struct that it is, or that it is a list of, without package. */
  readonly struct?: string;
  /** The offset of its gob message in the stream, in bytes. */
  readonly start?: number;
}

/** The package of the original, to which its types belong. */
const goPackage = "mesh";
const longestLength = 9;

/**
 * Returns the text that Go's encoding/gob has for an error of ours, for logs and users of the original. The error itself stays
 * the `cause`, with offset and path. Where Go's text depends on values that ours does not keep, the result is our text.
 *
 * At most 1 KiB, with control characters of the sender's names escaped; Go prints them whole and as they came.
 *
 * Source: encoding/gob, decode.go and decoder.go, as Go 1.26 has them; compared with a running Go peer by
 * interop/scenarios/endings-gob.ts.
 */
export function goErrorText(error: GobError, target: GobTarget): string {
  return escapeText(translated(error, target));
}

function translated(error: GobError, target: GobTarget): string {
  const text = plainText(error);
  switch (error.code) {
    case "type-mismatch":
      return mismatch(error, text, target) ?? error.message;
    case "unknown-type":
      return target.struct === undefined || target.ourType !== undefined
        ? received(target, "unknown type")
        : "gob: unknown type id or corrupted data";
    case "duplicate-type":
      return "gob: duplicate type received";
    case "overflow":
      return text.startsWith("unsigned integer is beyond") ? overflow(error, target) : error.message;
    default:
      for (const [pattern, goText] of fixed) if (pattern.test(text)) return text.replace(pattern, goText);
      if (/^string of \d+ bytes with /.test(text))
        return badLength(target.ourType === "string" ? target.type : "string");
      if (/^bytes of \d+ bytes with /.test(text)) return badLength("[]uint8");
      return error.message;
  }
}

/** Faults that have the same text for every type. */
const fixed: readonly (readonly [RegExp, string])[] = [
  [/^empty message$/, "EOF"],
  [/^message ends inside a value$/, "EOF"],
  [/^the stream ends inside a value$/, "unexpected EOF"],
  [
    /^a list of (\d+) elements ends early$/,
    "gob: decoding array or slice: length exceeds input size ($1 elements)",
  ],
  // Go takes such a definition, and misses the value that should follow.
  [/^type definition of no kind$/, "unexpected EOF"],
  [/^field number \d+ in a type definition$/, "gob: bad data: field numbers out of bounds"],
  [/^field number beyond a struct of \d+ fields$/, "gob: bad data: field numbers out of bounds"],
  [
    /^field number \d+ before a value that is no struct$/,
    "gob: decode: corrupted data: non-zero delta for singleton",
  ],
  [/^unsigned integer of \d+ bytes$/, "gob: encoded unsigned integer out of range"],
  [
    /^unsigned integer of (\d+) bytes with (\d+) left in the message$/,
    "gob: invalid uint data length $1: exceeds input size $2",
  ],
];

function mismatch(error: GobError, text: string, target: GobTarget): string | undefined {
  if (/ has no field in common with /.test(text)) {
    return `gob: type mismatch: no fields matched compiling decoder for ${target.struct}`;
  }
  const [, theirs, ours] = /^cannot decode (.+) as (.+)$/.exec(text) ?? [];
  if (theirs === undefined || ours === undefined) return undefined;
  if (error.path !== "" && target.struct !== undefined) {
    return `gob: wrong type (${ours}) for received field ${target.struct}.${error.path}`;
  }
  const isWhole = ours === (target.ourType ?? target.type);
  if (!isWhole && target.struct !== undefined && ours.endsWith(`.${target.struct}`)) {
    return `gob: type mismatch in decoder: want struct type ${goPackage}.${target.struct}; got non-struct`;
  }
  // Where the fault lies in elements Go names the whole, which has no name.
  return received(target, isWhole ? wireName(theirs) : "");
}

function received({ type }: GobTarget, remote: string): string {
  return `gob: decoding into local type *${type}, received remote type ${remote}`;
}

/** The name that a type has on the wire: maps, slices and arrays have none. Go calls all its reserved types by one name. */
function wireName(type: string): string {
  if (/^(map\[|\[|struct\b)/.test(type)) return "";
  return /^unknown type \d+$/.test(type) ? "_reserved1" : type;
}

/** A length that no memory holds: the message's, or that of the string or bytes in it. */
function overflow({ offset }: GobError, { type, start = 0 }: GobTarget): string {
  if (offset === undefined || offset <= start + longestLength) return "invalid message length";
  return badLength(type);
}

/** The text for a string or bytes longer than the rest of the message. Go has lost the length itself by then. */
function badLength(type: string): string {
  return `gob: bad ${type} slice length: 0`;
}

/** The error's text without prefix, path and offset. Names in it are the sender's. */
function plainText(error: GobError): string {
  const { path } = error;
  const message = escapeText(error.message);
  const bare = message.replace(/^gob: /, "").replace(/ \(at byte \d+\)$/, "");
  return path !== "" && bare.startsWith(`${path}: `) ? bare.slice(path.length + 2) : bare;
}
