import { fastestBackend, messageNonce, sessionKey } from "../wire/index.ts";
import type { KeyRing } from "./key-ring.ts";
import { otherSide, type SessionHeader, type Side } from "./session-file.ts";
import { decodeHex, encodeGoString } from "./text.ts";

/** A message is not tried on the keys of a ring if that would go through more bytes; a shorter one will come. */
export const maxRingTrialBytes = 4 * 1024 * 1024 * 1024;

/** Finds, by trying, the keys under which the two sides of one session sealed what they sent. */
export class SessionKeys {
  readonly #header: SessionHeader;
  readonly #ring: KeyRing | undefined;
  readonly #publicKeys = new Map<Side, Uint8Array>();
  /** Per side, as with two passwords there are two keys. */
  readonly #found = new Map<Side, Uint8Array>();
  /** The keys that the ring had when a side's messages were last tried in vain: all, and session keys. */
  readonly #triedAt = new Map<Side, { readonly size: number; readonly sessionKeys: number }>();

  constructor(header: SessionHeader, ring?: KeyRing) {
    this.#header = header;
    this.#ring = ring;
  }

  /** The key of what a side sent, if it was found. */
  keyOf(side: Side): Uint8Array | undefined {
    return this.#found.get(side);
  }

  /** Notes a public key that was seen. */
  setPublicKey(side: Side, key: Uint8Array): void {
    this.#publicKeys.set(side, key);
  }

  /** Whether both public keys were seen. */
  get complete(): boolean {
    return this.#publicKeys.size === 2;
  }

  /** Opens a message of `from` with its number; `undefined` if no key at hand does. */
  open(sealed: Uint8Array, from: Side, number: number): Uint8Array | undefined {
    const nonce = messageNonce(from === "dialler", BigInt(number));
    const known = this.#found.get(from);
    if (known !== undefined) return fastestBackend().open(sealed, nonce, known);
    const others = this.#found.get(otherSide(from));
    if (others !== undefined) {
      const plain = fastestBackend().open(sealed, nonce, others);
      if (plain !== undefined) {
        this.#found.set(from, others);
        return plain;
      }
    }
    const tried = this.#triedAt.get(from);
    const size = this.#ring?.size ?? 0;
    if (tried?.size === size) return undefined;
    if (sealed.length * size > maxRingTrialBytes) return undefined;
    this.#triedAt.set(from, { size, sessionKeys: this.#ring?.sessionKeyCount ?? 0 });
    for (const key of this.#candidates(from, tried?.sessionKeys ?? 0)) {
      const plain = fastestBackend().open(sealed, nonce, key);
      if (plain === undefined) continue;
      this.#found.set(from, key.slice());
      return plain;
    }
    return undefined;
  }

  *#candidates(from: Side, firstSessionKey: number): Generator<Uint8Array> {
    const { sessionKey: recorded } = this.#header;
    if (recorded !== undefined) yield decodeHex(recorded);
    for (const side of [from, otherSide(from)]) {
      const { secretKey, password } = this.#header[side];
      const remote = this.#publicKeys.get(otherSide(side));
      if (secretKey === undefined || password === undefined || password === null) continue;
      if (remote !== undefined) yield sessionKey(remote, decodeHex(secretKey), encodeGoString(password));
    }
    if (this.#ring !== undefined) {
      const [own, other] = [this.#publicKeys.get(from), this.#publicKeys.get(otherSide(from))];
      yield* this.#ring.candidates(own, other, firstSessionKey);
    }
  }
}
