import { chooseVersion, decodeHeader, headerBytes, type VersionRange } from "../wire/index.ts";

/** The version on which two ranges agree, if they do. */
export function commonVersion(a: VersionRange, b: VersionRange): 1 | 2 | undefined {
  try {
    return chooseVersion(a, b);
  } catch {
    return undefined;
  }
}

/** The range in a header, if it is one. */
export function readHeader(bytes: Uint8Array): VersionRange | undefined {
  try {
    return bytes.length === headerBytes ? decodeHeader(bytes) : undefined;
  } catch {
    return undefined;
  }
}
