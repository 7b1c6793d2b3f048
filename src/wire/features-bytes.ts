import { gobUintBytes, writeGobUint } from "./gob-integers.ts";

/*
 * The features in the form that nearly all have, read and written without the general encoder and decoder, of which a new
 * one is needed for every connection: one type definition as Go writes it, then one value, with texts of ASCII below 128 bytes.
 *
 *     0e ff81 04 01 02 ff82 00 01 0c 01 0c 00 00     definition of map[string]string, type id 65
 *     0d 7f   04 01 02 ff80 00 01 0c 01 0c 00 00     the same with type id 64, as from Go 1.26 on
 *     LENGTH ff82 00 COUNT {length, text} …          the value
 *
 * Whatever differs is left to the general ones, which also have the words for what is wrong.
 */

/** Type ids are signed and so doubled on the wire: 65, which is the one that is written here. */
const usualId = 0x82;
const definition = [
  0x0e,
  0xff,
  0x81,
  0x04,
  0x01,
  0x02,
  0xff,
  usualId,
  0x00,
  0x01,
  0x0c,
  0x01,
  0x0c,
  0x00,
  0x00,
];
const definition64 = [0x0d, 0x7f, 0x04, 0x01, 0x02, 0xff, 0x80, 0x00, 0x01, 0x0c, 0x01, 0x0c, 0x00, 0x00];
/** Bytes between the value's length and its entries, but for the count: id and a zero. */
const valueHeadBytes = 3;
/** Texts and counts of this many and more take more than one byte for their length. */
const longText = 0x80;

/** The bytes of features in the usual form; `undefined` if they have another. */
export function writeUsualFeatures(features: ReadonlyMap<string, string>): Uint8Array | undefined {
  if (features.size >= longText) return undefined;
  let length = valueHeadBytes + 1;
  for (const [name, value] of features) {
    if (name.length >= longText || value.length >= longText) return undefined;
    length += 2 + name.length + value.length;
  }
  const bytes = new Uint8Array(definition.length + gobUintBytes(length) + length);
  bytes.set(definition);
  let at = writeGobUint(bytes, definition.length, length);
  bytes[at++] = 0xff;
  bytes[at++] = usualId;
  bytes[at++] = 0;
  bytes[at++] = features.size;
  let wide = 0;
  const write = (text: string): void => {
    bytes[at++] = text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      wide |= code;
      bytes[at++] = code;
    }
  };
  for (const [name, value] of features) {
    write(name);
    write(value);
  }
  return wide < 0x80 ? bytes : undefined;
}

/** The features in bytes of the usual form, whatever follows them; `undefined` if they have another. */
export function readUsualFeatures(bytes: Uint8Array): Map<string, string> | undefined {
  const expected = bytes[0] === definition64[0] ? definition64 : definition;
  for (let i = 0; i < expected.length; i++) if (bytes[i] !== expected[i]) return undefined;
  const id = expected === definition ? usualId : usualId - 2;
  let at = expected.length;
  let length = bytes[at++]!;
  if (length === 0xff) length = bytes[at++]!;
  else if (length >= longText) return undefined;
  const end = at + length;
  if (!(end <= bytes.length) || length <= valueHeadBytes) return undefined;
  if (bytes[at] !== 0xff || bytes[at + 1] !== id || bytes[at + 2] !== 0) return undefined;
  at += valueHeadBytes;
  let count = bytes[at++]!;
  let wide = count;
  for (let i = at; i < end; i++) wide |= bytes[i]!;
  if (wide >= 0x80) return undefined;
  const start = at;
  const text = Buffer.prototype.latin1Slice.call(bytes, start, end);
  const features = new Map<string, string>();
  for (; count > 0; count--) {
    const nameAt = at + 1;
    const valueAt = nameAt + bytes[at]! + 1;
    if (!(valueAt <= end)) return undefined;
    at = valueAt + bytes[valueAt - 1]!;
    if (!(at <= end)) return undefined;
    features.set(
      text.substring(nameAt - start, valueAt - 1 - start),
      text.substring(valueAt - start, at - start),
    );
  }
  return at === end ? features : undefined;
}
