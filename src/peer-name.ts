/**
 * Names of peers, in both flavours of the original (its build tags `peer_name_mac` and `peer_name_hash`).
 *
 * A name is a branded string in canonical form, so that `===`, Map keys, sorting and JSON just work:
 *
 *     mac    "00:0a:ff:10:20:30"                  48 bits, six groups of two lower-case hex digits
 *     hash   "9f86d081884c7d659a2feaa0c55ad015"   lower-case hex, 16 bytes as a rule, any number of bytes at all
 */

import { createHash } from "node:crypto";
import { cutText, isPrintable, quoteAsGo } from "./go-text/index.ts";
import { encodeUtf8 } from "./gob/index.ts";

/** A peer name in canonical form; made by the functions of the companion object. */
export type PeerName = string & { readonly __brand: "PeerName" };

/** The kind of names in a mesh. Peers of different flavours refuse each other. */
export type Flavour = "mac" | "hash";

/** The fault of a text that is not a peer name. */
export type PeerNameErrorCode = "invalid-format" | "invalid-hex-digit" | "odd-hex-length";

/** A text that is not a peer name; `message` is the text that Go's users see. */
export class PeerNameError extends Error {
  override readonly name = "PeerNameError";
  readonly code: PeerNameErrorCode;
  /** The text as it was given, cut at 1 KiB. */
  readonly text: string;

  constructor(code: PeerNameErrorCode, text: string, message: string) {
    super(message);
    this.code = code;
    this.text = cutText(text);
  }
}

const macBytes = 6;
const hashBytes = 16;
const mac48 = (1n << 48n) - 1n;
/** Character codes. */
const hexDigits = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const colon = 0x3a;

/**
 * One "%2x" of Go's fmt.Sscanf: any white space but the newline is skipped, then one or two digits.
 * The class is Go's own list (fmt/scan.go, `space`), which differs from JavaScript's `\s` (U+0085, U+FEFF).
 */
const macGroup =
  /^[\t\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*([0-9a-fA-F]{1,2})$/;

export const PeerName = {
  /**
   * Reads a name as it stands in features and on command lines.
   *
   * `mac`: six groups of one or two hex digits, or one to four groups with one `::` in place of the others (`::` alone is
   * refused). Go's scanner also takes white space (no newline) before a group, and anything after a NUL; so do we.
   * `hash`: any even number of hex digits, even none; made lower-case, as the original does with the peer it belongs to.
   *
   * Throws PeerNameError: `invalid-format` (mac), `invalid-hex-digit` or `odd-hex-length` (hash).
   * Source: peer_name_mac.go and peer_name_hash.go, `PeerNameFromString`.
   */
  parse(text: string, flavour: Flavour = "mac"): PeerName {
    return flavour === "mac" ? parseMac(text) : parseHex(text);
  },

  /**
   * Makes a name of what a user typed: as `parse` in the mac flavour; the first 16 bytes of its SHA-256 in the hash flavour,
   * where any text will do. Source: `PeerNameFromUserInput`.
   */
  fromUserInput(text: string, flavour: Flavour = "mac"): PeerName {
    if (flavour === "mac") return parseMac(text);
    const digest = createHash("sha256").update(encodeUtf8(text)).digest();
    return PeerName.fromBytes(digest.subarray(0, hashBytes), "hash");
  },

  /**
   * The name with these bytes; the bytes are only read. Any length is taken, as in the original: `mac` reads them as one
   * big-endian number, of which 48 bits count; `hash` prints them all. Source: `PeerNameFromBin`.
   */
  fromBytes(bytes: Uint8Array, flavour: Flavour = "mac"): PeerName {
    if (flavour === "mac") return macFromBytes(bytes);
    return Buffer.prototype.hexSlice.call(bytes, 0, bytes.length) as PeerName;
  },

  /** The bytes of a name, freshly allocated: 6 for mac, half the digits for hash. Source: `PeerName.bytes`. */
  toBytes(name: PeerName, flavour: Flavour = PeerName.flavourOf(name)): Uint8Array {
    const step = flavour === "mac" ? 3 : 2;
    const bytes = new Uint8Array(Math.ceil(name.length / step));
    for (let i = 0, at = 0; i < bytes.length; i++, at += step) {
      bytes[i] = hexDigit(name.charCodeAt(at)) * 16 + hexDigit(name.charCodeAt(at + 1));
    }
    return bytes;
  },

  /** The mac name of a number, as gob carries it in message envelopes; of wider numbers the low 48 bits. */
  fromUint(value: bigint | number): PeerName {
    const digits = (BigInt(value) & mac48).toString(16).padStart(12, "0");
    return digits.replace(/..(?=.)/g, "$&:") as PeerName;
  },

  /** The number that a mac name stands for (below 2^48). Source: peer_name_mac.go, `PeerName`. */
  toUint(name: PeerName): bigint {
    return BigInt(`0x${name.replaceAll(":", "")}`);
  },

  /** The name that stands for "no peer", as the next hop to ourselves: zero, or the empty string. */
  unknown(flavour: Flavour): PeerName {
    return (flavour === "mac" ? "00:00:00:00:00:00" : "") as PeerName;
  },

  /** The flavour of a name in canonical form. */
  flavourOf(name: PeerName): Flavour {
    return name.length === 17 && name[2] === ":" ? "mac" : "hash";
  },

  /**
   * The order of names: negative, zero, positive. Numbers (mac) and strings (hash) compare alike, since the canonical form
   * has a fixed width in the one and is the string itself in the other; so does the `<` operator on names.
   */
  compare(a: PeerName, b: PeerName): number {
    return a < b ? -1 : a > b ? 1 : 0;
  },
};

/** The value of a lower-case hex digit by its character code. */
function hexDigit(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}

/** The form in which peers write their names: canonical. */
const canonicalMac = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;

function parseMac(text: string): PeerName {
  if (canonicalMac.test(text)) return text as PeerName;
  // Go ends both the text and its patterns with a NUL to notice trailing garbage; hence a NUL in the text ends the name.
  const end = text.indexOf("\0");
  const groups = macGroups(end < 0 ? text : text.slice(0, end));
  if (groups === undefined) {
    throw new PeerNameError("invalid-format", text, `invalid peer name format: ${quoteAsGo(text)}`);
  }
  return groups.map((digits) => digits.padStart(2, "0").toLowerCase()).join(":") as PeerName;
}

/** The six groups of a mac name with the elided ones filled in; undefined if there are no such six. */
function macGroups(text: string): string[] | undefined {
  // Limits on the pieces, as the text can be 10 MiB of colons: one more than fits is enough to refuse it.
  const halves = text.split("::", 3).map((half) => (half === "" ? [] : half.split(":", macBytes + 1)));
  const [left = [], right] = halves;
  const written = left.length + (right?.length ?? 0);
  const fits =
    halves.length === 1
      ? written === macBytes
      : halves.length === 2 && written >= 1 && written <= macBytes - 2;
  if (!fits) return undefined;
  const elided = Array<string>(macBytes - written).fill("0");
  const groups: string[] = [];
  for (const group of [...left, ...elided, ...(right ?? [])]) {
    const digits = macGroup.exec(group)?.[1];
    if (digits === undefined) return undefined;
    groups.push(digits);
  }
  return groups;
}

function parseHex(text: string): PeerName {
  const at = text.search(/[^0-9a-fA-F]/);
  if (at >= 0) {
    const byte = firstByte(text, at);
    const code = `U+${byte.toString(16).toUpperCase().padStart(4, "0")}`;
    const shown = String.fromCharCode(byte);
    const message = `encoding/hex: invalid byte: ${code}${isPrintable(shown) ? ` '${shown}'` : ""}`;
    throw new PeerNameError("invalid-hex-digit", text, message);
  }
  if (text.length % 2 !== 0) {
    throw new PeerNameError("odd-hex-length", text, "encoding/hex: odd length hex string");
  }
  return text.toLowerCase() as PeerName;
}

/** The first of the bytes that the character at this index has in Go, where strings are bytes. */
function firstByte(text: string, index: number): number {
  return encodeUtf8(String.fromCodePoint(text.codePointAt(index)!))[0]!;
}

function macFromBytes(bytes: Uint8Array): PeerName {
  const at = bytes.length - macBytes;
  const a = bytes[at] ?? 0;
  const b = bytes[at + 1] ?? 0;
  const c = bytes[at + 2] ?? 0;
  const d = bytes[at + 3] ?? 0;
  const e = bytes[at + 4] ?? 0;
  const f = bytes[at + 5] ?? 0;
  // In one call: a text that is put together from pieces is kept as a tree of them, several times as large.
  return String.fromCharCode(
    hexDigits[a >> 4]!,
    hexDigits[a & 15]!,
    colon,
    hexDigits[b >> 4]!,
    hexDigits[b & 15]!,
    colon,
    hexDigits[c >> 4]!,
    hexDigits[c & 15]!,
    colon,
    hexDigits[d >> 4]!,
    hexDigits[d & 15]!,
    colon,
    hexDigits[e >> 4]!,
    hexDigits[e & 15]!,
    colon,
    hexDigits[f >> 4]!,
    hexDigits[f & 15]!,
  ) as PeerName;
}
