import { goBytes } from "../go-text/index.ts";
import { HandshakeError } from "./errors.ts";

/** Names the protocol: the first five bytes of every connection, and a field of the status. */
export const protocolName = "weave";
/** The lowest protocol version that we speak. */
export const protocolMinVersion = 1;
/** The highest protocol version that we speak. */
export const protocolMaxVersion = 2;
/** Bytes of the header that opens a connection in each direction. */
export const headerBytes = 7;

const magic = new TextEncoder().encode(protocolName);

/** An inclusive range of protocol versions. `minVersion` may be 0: a Go program that never set it sends that. */
export interface VersionRange {
  readonly minVersion: number;
  readonly maxVersion: number;
}

/**
 * The header: `weave`, the lowest and the highest version, one byte each.
 *
 *     encodeHeader({ minVersion: 1, maxVersion: 2 })   // 77 65 61 76 65 01 02
 *
 * Source: protocol.go, `exchangeProtocolHeader`.
 */
export function encodeHeader(range: VersionRange): Uint8Array {
  const header = new Uint8Array(headerBytes);
  header.set(magic);
  header[5] = range.minVersion;
  header[6] = range.maxVersion;
  return header;
}

/** The range in a header of 7 bytes. Throws {@link HandshakeError} `header-not-recognised`. */
export function decodeHeader(header: Uint8Array): VersionRange {
  if (magic.some((byte, i) => header[i] !== byte)) {
    throw new HandshakeError(
      "header-not-recognised",
      `remote protocol header not recognised: ${goBytes(header.subarray(0, magic.length))}`,
      { phase: "header", received: header.slice(0, headerBytes) },
    );
  }
  return { minVersion: header[5]!, maxVersion: header[6]! };
}

/**
 * The highest version that both speak. Never 0, even if both ranges hold it: there is no such protocol (the
 * original panics). Throws {@link HandshakeError} `version-incompatible`.
 */
export function chooseVersion(theirs: VersionRange, ours: VersionRange): 1 | 2 {
  const version = Math.min(theirs.maxVersion, ours.maxVersion);
  if (version < Math.max(theirs.minVersion, ours.minVersion) || (version !== 1 && version !== 2)) {
    throw new HandshakeError(
      "version-incompatible",
      `remote version range [${theirs.minVersion},${theirs.maxVersion}] is incompatible with ours ` +
        `[${ours.minVersion},${ours.maxVersion}]`,
      { phase: "header" },
    );
  }
  return version;
}

/** The error for a connection that ended, with the given text, when only `received` had come of the header. */
export function headerInterrupted(received: Uint8Array, reason: string, cause: unknown): HandshakeError {
  if (received.length === 0) {
    const text = `failed to receive remote protocol header: ${reason}`;
    return new HandshakeError("header-missing", text, { phase: "header", cause });
  }
  const text =
    `received incomplete remote protocol header (${received.length} octets instead of ${headerBytes}): ` +
    `${goBytes(received)}; error: ${reason}`;
  return new HandshakeError("header-incomplete", text, { phase: "header", cause, received });
}
