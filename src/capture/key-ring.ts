import { randomInt } from "node:crypto";
import { keyBytes, sessionKey } from "../wire/index.ts";
import { CaptureError } from "./errors.ts";
import { KeyLogReader } from "./key-log-reader.ts";
import { KeyTable } from "./key-table.ts";

/** The most keys of each kind that a ring holds: session keys, and secret keys. */
export const maxKeys = 2 ** 21;
const noPublicKey = new Uint8Array(0);

/** Keys to be tried on sealed messages. */
export class KeyRing {
  readonly #sessionKeys = new KeyTable(keyBytes, randomInt(2 ** 32));
  /** Public key, then secret key. */
  readonly #secretKeys = new KeyTable(2 * keyBytes, randomInt(2 ** 32));
  readonly #passwords: Uint8Array[] = [];
  readonly #limit: number;

  /** `limit` is the most keys of each kind. */
  constructor(limit = maxKeys) {
    this.#limit = limit;
  }

  /** The number of keys and passwords; grows only. */
  get size(): number {
    return this.#sessionKeys.count + this.#secretKeys.count + this.#passwords.length;
  }

  /** The number of session keys; grows only. */
  get sessionKeyCount(): number {
    return this.#sessionKeys.count;
  }

  /** Adds a session key of 32 bytes, which is copied. @throws CaptureError `too-many-keys` */
  addSessionKey(key: Uint8Array): this {
    if (this.#sessionKeys.count >= this.#limit) throw tooMany(this.#limit);
    this.#sessionKeys.set(key);
    return this;
  }

  /** Adds a secret key, found again by its public key. Both have 32 bytes and are copied. @throws CaptureError `too-many-keys` */
  addSecretKey(publicKey: Uint8Array, secretKey: Uint8Array): this {
    if (this.#secretKeys.count >= this.#limit) throw tooMany(this.#limit);
    const record = new Uint8Array(2 * keyBytes);
    record.set(publicKey);
    record.set(secretKey, keyBytes);
    this.#secretKeys.set(record);
    return this;
  }

  /** Adds a password, used only for sessions for which this ring holds one side's secret key. */
  addPassword(password: Uint8Array): this {
    this.#passwords.push(password.slice());
    return this;
  }

  /**
   * Adds the keys of a whole key log: see {@link KeyLogReader}, which reads one in chunks.
   *
   * Throws CaptureError `malformed-key-log` with the number of the line.
   */
  addKeyLog(text: string): this {
    const reader = new KeyLogReader(this);
    reader.push(new TextEncoder().encode(text));
    reader.end();
    return this;
  }

  /**
   * The session keys that this ring has for a connection with these public keys, likely ones first. Of the keys that
   * belong to no known connection, only those from index `from` on: the earlier ones were tried already. The keys are
   * not to be changed, and not to be kept across additions.
   */
  *candidates(
    localPublicKey: Uint8Array = noPublicKey,
    remotePublicKey: Uint8Array = noPublicKey,
    from = 0,
  ): Generator<Uint8Array> {
    for (const [own, other] of [
      [localPublicKey, remotePublicKey],
      [remotePublicKey, localPublicKey],
    ] as const) {
      if (own.length !== keyBytes || other.length !== keyBytes) continue;
      const secret = this.#secretKeys.get(own)?.subarray(keyBytes);
      if (secret === undefined) continue;
      for (const password of this.#passwords) yield sessionKey(other, secret, password);
    }
    for (let index = from; index < this.#sessionKeys.count; index++) yield this.#sessionKeys.at(index);
  }
}

function tooMany(limit: number): CaptureError {
  return new CaptureError("too-many-keys", `more than ${limit} keys: read fewer key logs at once`);
}
