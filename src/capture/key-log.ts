import { type KeyPair, keyBytes, sessionKey } from "../wire/index.ts";
import { CaptureError } from "./errors.ts";

/** The label of a session key's line. */
const sessionKeyLabel = "WEAVE_MESH_SESSION_KEY";
/** The label of a secret key's line. */
const secretKeyLabel = "WEAVE_MESH_SECRET_KEY";

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

/** Keys to be tried on sealed messages. */
export class KeyRing {
  readonly #sessionKeys = new Map<string, Uint8Array>();
  readonly #secretKeys = new Map<string, Uint8Array>();
  readonly #passwords: Uint8Array[] = [];

  /** How many keys and passwords there are; grows only. */
  get size(): number {
    return this.#sessionKeys.size + this.#secretKeys.size + this.#passwords.length;
  }

  /** Adds a session key of 32 bytes, which is copied. */
  addSessionKey(key: Uint8Array): this {
    this.#sessionKeys.set(hex(key), key.slice());
    return this;
  }

  /** Adds a secret key, found again by its public key. Both have 32 bytes and are copied. */
  addSecretKey(publicKey: Uint8Array, secretKey: Uint8Array): this {
    this.#secretKeys.set(hex(publicKey), secretKey.slice());
    return this;
  }

  /** Adds a password, of use for sessions one of whose secret keys is here. */
  addPassword(password: Uint8Array): this {
    this.#passwords.push(password.slice());
    return this;
  }

  /**
   * Adds the keys of a key log. Empty lines, lines that begin with `#` and labels that are not known are passed over; what
   * follows the key on a line is too.
   *
   * Throws CaptureError `malformed-key-log` with the number of the line.
   */
  addKeyLog(text: string): this {
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      const [label, first = "", second = ""] = line.trim().split(/\s+/);
      if (label === sessionKeyLabel && /^[0-9a-f]{16}$/i.test(first) && isKey(second)) {
        this.addSessionKey(fromHex(second));
      } else if (label === secretKeyLabel && isKey(first) && isKey(second)) {
        this.addSecretKey(fromHex(first), fromHex(second));
      } else if (label === sessionKeyLabel || label === secretKeyLabel) {
        const number = index + 1;
        throw new CaptureError("malformed-key-log", `line ${number}: not a key log entry`, { line: number });
      }
    }
    return this;
  }

  /** The session keys that this ring has for a connection with these public keys, likely ones first. */
  *candidates(localPublicKey?: Uint8Array, remotePublicKey?: Uint8Array): Generator<Uint8Array> {
    for (const [own, other] of [
      [localPublicKey, remotePublicKey],
      [remotePublicKey, localPublicKey],
    ]) {
      const secret = own === undefined ? undefined : this.#secretKeys.get(hex(own));
      if (secret === undefined || other === undefined) continue;
      for (const password of this.#passwords) yield sessionKey(other, secret, password);
    }
    yield* this.#sessionKeys.values();
  }
}

function isKey(text: string): boolean {
  return text.length === 2 * keyBytes && /^[0-9a-f]+$/i.test(text);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}
