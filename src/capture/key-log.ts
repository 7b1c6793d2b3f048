import type { KeyPair } from "../wire/index.ts";

/** The label of a session key's line. */
export const sessionKeyLabel = "WEAVE_MESH_SESSION_KEY";
/** The label of a secret key's line. */
export const secretKeyLabel = "WEAVE_MESH_SECRET_KEY";

/** One session key, and what helps a person to see whose it is. */
export interface KeyLogEntry {
  /** 32 bytes. */
  readonly sessionKey: Uint8Array;
  /** The connection's UID, the same on both sides. */
  readonly connectionUid?: bigint;
  /** `HOST:PORT` of either end, as seen by whoever wrote the line. */
  readonly local?: string;
  readonly remote?: string;
}

/**
 * A line of a key log, with its line end.
 *
 *     WEAVE_MESH_SESSION_KEY <connection UID, 16 hex digits> <session key, 64 hex digits> [local=ADDR remote=ADDR]
 *
 * Readers need the key only: which session it belongs to is found by trying it. An unknown UID is written as zeros.
 */
export function formatKeyLogEntry(entry: KeyLogEntry): string {
  const uid = (entry.connectionUid ?? 0n).toString(16).padStart(16, "0");
  const local = entry.local === undefined ? "" : ` local=${entry.local}`;
  const remote = entry.remote === undefined ? "" : ` remote=${entry.remote}`;
  return `${sessionKeyLabel} ${uid} ${hex(entry.sessionKey)}${local}${remote}\n`;
}

/**
 * The line of a connection's own secret key, from which the session key follows when the password is known.
 *
 *     WEAVE_MESH_SECRET_KEY <public key, 64 hex digits> <secret key, 64 hex digits>
 */
export function formatSecretKeyEntry(keyPair: KeyPair): string {
  return `${secretKeyLabel} ${hex(keyPair.publicKey)} ${hex(keyPair.secretKey)}\n`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
