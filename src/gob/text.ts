/** The U+FFFD that stands for a lone surrogate which carries no byte. */
const replacement = [0xef, 0xbf, 0xbd] as const;

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Below this many bytes a loop that builds the string beats a call into the engine's decoder. */
const shortText = 16;

/**
 * Reads bytes as a Go string: UTF-8, in which every byte that is not part of valid UTF-8 becomes the lone
 * surrogate U+DC00 + byte (U+DC80 to U+DCFF), so that {@link encodeUtf8} gives the identical bytes back.
 * A leading U+FEFF stays. The input is not kept.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  return decodeUtf8Range(bytes, 0, bytes.length);
}

/** {@link decodeUtf8} of `bytes[start, end)`. */
export function decodeUtf8Range(bytes: Uint8Array, start: number, end: number): string {
  for (let at = start; at < end; at++) {
    if (bytes[at]! >= 0x80) return decodeWide(bytes.subarray(start, end));
  }
  return decodeAscii(bytes, start, end);
}

function decodeAscii(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > shortText) return Buffer.prototype.latin1Slice.call(bytes, start, end);
  // Four characters in a call: the engine turns such calls into one allocation.
  let text = "";
  let at = start;
  for (; at + 4 <= end; at += 4) {
    text += String.fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!);
  }
  for (; at < end; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}

function decodeWide(bytes: Uint8Array): string {
  // The lenient decoder is the faster one, and without a replacement character there was nothing to replace.
  const text = Buffer.prototype.utf8Slice.call(bytes, 0, bytes.length);
  if (!text.includes("\ufffd")) return text;
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return decodeBroken(bytes);
  }
}

/** The length of the valid UTF-8 sequence that starts at `at` (Unicode table 3-7), or 0. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > bytes.length) return 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (bytes[at + 1]! < lowest || bytes[at + 1]! > highest) return 0;
  for (let i = 2; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  return length;
}

/** UTF-16 units that are turned into text at once. */
const unitsAtOnce = 4096;

/** In one loop: a call into the engine's decoder for each valid piece would take a microsecond a byte at worst. */
function decodeBroken(bytes: Uint8Array): string {
  const units = new Uint16Array(unitsAtOnce + 1);
  const parts: string[] = [];
  let count = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 4) {
      const point = codePoint(bytes, at, length) - 0x10000;
      units[count++] = 0xd800 + (point >> 10);
      units[count++] = 0xdc00 + (point & 0x3ff);
    } else {
      units[count++] = length === 0 ? 0xdc00 + bytes[at]! : codePoint(bytes, at, length);
    }
    at += length || 1;
    if (count >= unitsAtOnce) {
      parts.push(textOf(units, count));
      count = 0;
    }
  }
  parts.push(textOf(units, count));
  return parts.join("");
}

function textOf(units: Uint16Array, count: number): string {
  return String.fromCharCode.apply(null, units.subarray(0, count) as unknown as number[]);
}

/** The code point of a valid sequence. */
function codePoint(bytes: Uint8Array, at: number, length: number): number {
  const first = bytes[at]!;
  if (length === 1) return first;
  let point = first & (0x7f >> length);
  for (let i = 1; i < length; i++) point = (point << 6) | (bytes[at + i]! & 0x3f);
  return point;
}

/**
 * Writes a string as Go would hold it: UTF-8, with lone surrogates U+DC80 to U+DCFF as the byte they carry
 * and any other lone surrogate as EF BF BD. The inverse of {@link decodeUtf8}.
 */
export function encodeUtf8(text: string): Uint8Array {
  const target = new Uint8Array(text.length * 3);
  return target.slice(0, encodeUtf8Into(text, target, 0));
}

/**
 * {@link encodeUtf8} into `target` from `at` on; returns the offset after the last byte.
 * `target` must have room for three bytes for each UTF-16 unit.
 */
export function encodeUtf8Into(text: string, target: Uint8Array, at: number): number {
  const length = text.length;
  if (length <= 64) {
    let next = at;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) return encodeWide(text, target, at);
      target[next++] = unit;
    }
    return next;
  }
  return encodeWide(text, target, at);
}

function encodeWide(text: string, target: Uint8Array, at: number): number {
  if ((text as string & { isWellFormed(): boolean }).isWellFormed()) {
    return at + Buffer.prototype.utf8Write.call(target, text, at, target.length - at);
  }
  let next = at;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      target[next++] = unit;
    } else if (unit < 0x800) {
      target[next++] = 0xc0 | (unit >> 6);
      target[next++] = 0x80 | (unit & 0x3f);
    } else if (unit >= 0xd800 && unit <= 0xdbff && isLow(text.charCodeAt(i + 1))) {
      const point = 0x10000 + ((unit - 0xd800) << 10) + (text.charCodeAt(++i) - 0xdc00);
      target[next++] = 0xf0 | (point >> 18);
      target[next++] = 0x80 | ((point >> 12) & 0x3f);
      target[next++] = 0x80 | ((point >> 6) & 0x3f);
      target[next++] = 0x80 | (point & 0x3f);
    } else if (unit >= 0xdc80 && unit <= 0xdcff) {
      target[next++] = unit - 0xdc00;
    } else if (unit >= 0xd800 && unit <= 0xdfff) {
      for (const byte of replacement) target[next++] = byte;
    } else {
      target[next++] = 0xe0 | (unit >> 12);
      target[next++] = 0x80 | ((unit >> 6) & 0x3f);
      target[next++] = 0x80 | (unit & 0x3f);
    }
  }
  return next;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
