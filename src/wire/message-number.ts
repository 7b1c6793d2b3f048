import { FrameError } from "./errors.ts";
import { nonceBytes, type SealingBackend } from "./sealing.ts";

/**
 * The nonce of one message. It is never sent: both sides count.
 *
 *      0         1 ... 15   16 ... 23
 *     +---------+----------+----------------------------+
 *     | D1000000| zeros    | message number, big-endian |
 *     +---------+----------+----------------------------+
 *
 * D is 1 if the *sender* of the message dialled the connection. Bit 6 says TCP. Messages are numbered from 0,
 * separately in each direction.
 *
 * Source: protocol_crypto.go, `newTCPCryptoState`, `advance`.
 */
export function messageNonce(senderDialled: boolean, messageNumber: bigint): Uint8Array {
  const nonce = new Uint8Array(nonceBytes);
  nonce[0] = senderDialled ? 0xc0 : 0x40;
  new DataView(nonce.buffer).setBigUint64(16, messageNumber);
  return nonce;
}

/** Adds 1 to the message number in a nonce. */
function advance(nonce: Uint8Array): void {
  for (let i = nonceBytes - 1; i >= 16; i--) {
    const next = (nonce[i]! + 1) & 0xff;
    nonce[i] = next;
    if (next !== 0) return;
  }
}

/** Seals the messages of one direction, one number each. */
export class MessageSealer {
  readonly #key: Uint8Array;
  readonly #nonce: Uint8Array;
  readonly #backend: SealingBackend;
  #wiped = false;

  /** `key` is kept, not copied: wiping the session wipes it here too. */
  constructor(key: Uint8Array, senderDialled: boolean, backend: SealingBackend) {
    this.#key = key;
    this.#nonce = messageNonce(senderDialled, 0n);
    this.#backend = backend;
  }

  /** Seals the next message in place: 16 bytes of room, then the plain text. Throws {@link FrameError} `wiped`. */
  sealInPlace(box: Uint8Array): void {
    if (this.#wiped) throw wipedError();
    this.#backend.sealInPlace(box, this.#nonce, this.#key);
    advance(this.#nonce);
  }

  /** Forgets the key. */
  wipe(): void {
    this.#wiped = true;
    this.#key.fill(0);
    this.#nonce.fill(0);
  }
}

/** Opens the messages of one direction. The first message selects one of several keys. */
export class MessageOpener {
  #keys: readonly Uint8Array[];
  #opened = false;
  readonly #nonce: Uint8Array;
  readonly #backend: SealingBackend;
  #wiped = false;

  /** `keys` are kept, not copied; those that do not open the first message are wiped. */
  constructor(keys: readonly Uint8Array[], senderDialled: boolean, backend: SealingBackend) {
    this.#keys = keys;
    this.#nonce = messageNonce(senderDialled, 0n);
    this.#backend = backend;
  }

  /** Whether a message has been opened: only a sender that knows the password can make one. */
  get opened(): boolean {
    return this.#opened;
  }

  /** The key in use; `undefined` while there are several to choose from. */
  get key(): Uint8Array | undefined {
    return this.#keys.length === 1 ? this.#keys[0] : undefined;
  }

  /** Opens the next message into a fresh buffer. Throws {@link FrameError} `cannot-decrypt` or `wiped`. */
  open(sealed: Uint8Array): Uint8Array {
    if (this.#wiped) throw wipedError();
    for (const key of this.#keys) {
      const plain = this.#backend.open(sealed, this.#nonce, key);
      if (plain === undefined) continue;
      if (this.#keys.length > 1) {
        for (const other of this.#keys) if (other !== key) other.fill(0);
        this.#keys = [key];
      }
      advance(this.#nonce);
      this.#opened = true;
      return plain;
    }
    throw new FrameError("cannot-decrypt", "Unable to decrypt TCP msg");
  }

  /** Forgets all keys. */
  wipe(): void {
    this.#wiped = true;
    for (const key of this.#keys) key.fill(0);
    this.#nonce.fill(0);
  }
}

function wipedError(): FrameError {
  return new FrameError("wiped", "the session has ended and its keys are wiped");
}
