import { grouped } from "./cut.ts";

/** The most bytes of a list that are printed. Each takes up to four characters. */
const shownBytes = 256;

/**
 * Returns bytes as Go's %v prints them: `[119 101]`. Of a longer list the first 256 and its length: `[119 101... (1,024 bytes)]`.
 */
export function goBytes(bytes: Uint8Array): string {
  if (bytes.length <= shownBytes) return `[${bytes.join(" ")}]`;
  return `[${bytes.subarray(0, shownBytes).join(" ")}... (${grouped(bytes.length)} bytes)]`;
}
