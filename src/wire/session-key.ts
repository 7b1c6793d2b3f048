import { createHash } from "node:crypto";
import nacl from "tweetnacl";
import { defaultCurve } from "./curve25519.ts";
import { keyBytes } from "./sealing.ts";

/** An X25519 key pair, 32 bytes each. Fresh for every connection. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/**
 * The key pair whose secret key is the given 32 random bytes, which are copied.
 *
 * Source: protocol_crypto.go, `generateKeyPair` (box.GenerateKey).
 */
export function generateKeyPair(randomBytes32: Uint8Array): KeyPair {
  if (randomBytes32.length !== keyBytes) {
    throw new RangeError(`a key pair takes ${keyBytes} random bytes, not ${randomBytes32.length}`);
  }
  const secretKey = new Uint8Array(randomBytes32);
  return { publicKey: defaultCurve().base(secretKey), secretKey };
}

/** HSalsa20 of tweetnacl, which its type declarations leave out. */
const { crypto_core_hsalsa20: hsalsa20 } = (
  nacl as unknown as {
    lowlevel: {
      crypto_core_hsalsa20(out: Uint8Array, input: Uint8Array, key: Uint8Array, constant: Uint8Array): void;
    };
  }
).lowlevel;
const zeroInput = new Uint8Array(16);
const sigma = new TextEncoder().encode("expand 32-byte k");

/** NaCl's box precomputation: HSalsa20(X25519(secret key, public key), zero input). */
function precomputed(publicKey: Uint8Array, secretKey: Uint8Array): Uint8Array {
  const shared = defaultCurve().multiply(secretKey, publicKey);
  hsalsa20(shared, zeroInput, shared, sigma);
  return shared;
}

/**
 * The session keys that follow from a key exchange under each of the passwords, in their order. The expensive
 * part, X25519, is done once.
 *
 *     shared      = HSalsa20(X25519(local secret key, remote public key), zero nonce)
 *     session key = SHA-256(shared || password)
 *
 * `remotePublicKey` has 32 bytes. The results are the caller's; nothing else of the secret stays in memory that
 * this function can reach.
 */
export function sessionKeys(
  remotePublicKey: Uint8Array,
  localSecretKey: Uint8Array,
  passwords: readonly Uint8Array[],
): Uint8Array[] {
  const shared = precomputed(remotePublicKey, localSecretKey);
  const keys = passwords.map((password) => {
    const digest = createHash("sha256").update(shared).update(password).digest();
    const key = new Uint8Array(digest);
    digest.fill(0);
    return key;
  });
  shared.fill(0);
  return keys;
}

/**
 * The 32-byte session key of a connection. The password may be empty and need not be text.
 *
 * Source: protocol_crypto.go, `formSessionKey`.
 */
export function sessionKey(
  remotePublicKey: Uint8Array,
  localSecretKey: Uint8Array,
  password: Uint8Array,
): Uint8Array {
  return sessionKeys(remotePublicKey, localSecretKey, [password])[0]!;
}
