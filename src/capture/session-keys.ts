import { fastestBackend, messageNonce, sessionKey } from "../wire/index.ts";
import type { KeyRing } from "./key-log.ts";
import { otherSide, type SessionHeader, type Side } from "./session-file.ts";
import { decodeHex, encodeGoString } from "./text.ts";

/** Finds, by trying, the keys under which the two sides of one session sealed what they sent. */
export class SessionKeys {
  readonly #header: SessionHeader;
  readonly #ring: KeyRing | undefined;
  readonly #publicKeys = new Map<Side, Uint8Array>();
  /** Per side, as with two passwords there are two keys. */
  readonly #found = new Map<Side, Uint8Array>();
  /** How many keys the ring had when a side's messages were last tried in vain. */
  readonly #triedAt = new Map<Side, number>();

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
    const size = this.#ring?.size ?? 0;
    const others = this.#found.get(otherSide(from));
    if (others !== undefined) {
      const plain = fastestBackend().open(sealed, nonce, others);
      if (plain !== undefined) {
        this.#found.set(from, others);
        return plain;
      }
    }
    if (this.#triedAt.get(from) === size && number > 0) return undefined;
    this.#triedAt.set(from, size);
    for (const key of this.#candidates(from)) {
      const plain = fastestBackend().open(sealed, nonce, key);
      if (plain === undefined) continue;
      this.#found.set(from, key);
      return plain;
    }
    return undefined;
  }

  *#candidates(from: Side): Generator<Uint8Array> {
    const { sessionKey: recorded } = this.#header;
    if (recorded !== undefined) yield decodeHex(recorded);
    for (const side of [from, otherSide(from)]) {
      const { secretKey, password } = this.#header[side];
      const remote = this.#publicKeys.get(otherSide(side));
      if (secretKey === undefined || password === undefined || password === null) continue;
      if (remote !== undefined) yield sessionKey(remote, decodeHex(secretKey), encodeGoString(password));
    }
    if (this.#ring !== undefined) {
      yield* this.#ring.candidates(this.#publicKeys.get(from), this.#publicKeys.get(otherSide(from)));
    }
  }
}
