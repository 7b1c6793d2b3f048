import { seededRandom } from "../../src/transport/index.ts";

/** Bytes as hex. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

/** Bytes from hex; blanks do not count. */
export function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ""), "hex"));
}

/** Several byte arrays as one. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** The text in UTF-8. */
export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** `length` bytes that do not repeat soon. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8) * 13) & 0xff);
}

/** Bytes in pieces of 1 to `longest`, each with an offset inside a larger buffer. */
export function split(bytes: Uint8Array, longest: number, seed: string): Uint8Array[] {
  const random = seededRandom(seed);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Math.min(bytes.length - at, 1 + random.int(longest));
    const home = new Uint8Array(length + 9);
    home.set(bytes.subarray(at, at + length), 5);
    pieces.push(home.subarray(5, 5 + length));
    at += length;
  }
  return pieces;
}

/** Ways to cut received bytes, by name: whole, byte by byte, at random. */
export const cuts: readonly (readonly [name: string, cut: (bytes: Uint8Array) => Uint8Array[]])[] = [
  ["whole", (bytes) => [bytes]],
  ["byte by byte", (bytes) => split(bytes, 1, "one")],
  ["in pieces of 1 to 7 bytes", (bytes) => split(bytes, 7, "seven")],
  ["in pieces of 1 to 100 bytes", (bytes) => split(bytes, 100, "hundred")],
];
