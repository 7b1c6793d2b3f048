import * as gob from "../gob/index.ts";

/** The bytes of a Go string. */
export function encodeGoString(text: string): Uint8Array {
  return gob.encodeUtf8(text);
}

/** Bytes in hex. */
export function encodeHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

/** The bytes that hex digits stand for. */
export function decodeHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}
