import nacl from "tweetnacl";
import { keyBytes } from "./sealing.ts";
import { sodiumModule } from "./sodium-module.ts";

/** X25519: 32 bytes each. The results are the caller's; no call keeps its arguments. */
export interface Curve25519 {
  /** The public key that belongs to a secret key. */
  base(secretKey: Uint8Array): Uint8Array;
  /** What both sides of an exchange share. A public key of low order gives zeros, as in the original. */
  multiply(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
}

/** In JavaScript. It defines what is correct. */
export const tweetnaclCurve: Curve25519 = {
  base: (secretKey) => nacl.scalarMult.base(secretKey),
  multiply: (secretKey, publicKey) => nacl.scalarMult(secretKey, publicKey),
};

/** The part of sodium-native 5 that is used. */
interface Sodium {
  crypto_scalarmult_base(publicKey: Uint8Array, secretKey: Uint8Array): void;
  /** Throws for a public key of low order. */
  crypto_scalarmult(shared: Uint8Array, secretKey: Uint8Array, publicKey: Uint8Array): void;
}

function sodiumCurve(sodium: Sodium): Curve25519 {
  return {
    base(secretKey) {
      const publicKey = new Uint8Array(keyBytes);
      sodium.crypto_scalarmult_base(publicKey, secretKey);
      return publicKey;
    },
    multiply(secretKey, publicKey) {
      const shared = new Uint8Array(keyBytes);
      try {
        sodium.crypto_scalarmult(shared, secretKey, publicKey);
      } catch {
        return tweetnaclCurve.multiply(secretKey, publicKey);
      }
      return shared;
    },
  };
}

/** The curve of libsodium if `module` is that and agrees with tweetnacl on one exchange; see `checkedSodium`. */
export function checkedCurve(module: unknown): Curve25519 | undefined {
  const sodium = module as Partial<Sodium> | undefined;
  if (
    typeof sodium?.crypto_scalarmult_base !== "function" ||
    typeof sodium.crypto_scalarmult !== "function"
  ) {
    return undefined;
  }
  const curve = sodiumCurve(sodium as Sodium);
  const secretKey = Uint8Array.from({ length: keyBytes }, (_, i) => 7 * i + 1);
  const base = curve.base(secretKey);
  const shared = curve.multiply(secretKey, base);
  const agrees =
    Buffer.compare(base, tweetnaclCurve.base(secretKey)) === 0 &&
    Buffer.compare(shared, tweetnaclCurve.multiply(secretKey, base)) === 0;
  return agrees ? curve : undefined;
}

let chosen: Curve25519 | undefined;

/**
 * The faster one of those that are there: libsodium needs a thirtieth of the time (20 and 35 µs for 740 and 610 µs).
 * Chosen when first asked for, as the check takes some milliseconds, which a peer without a password need not spend.
 */
export function defaultCurve(): Curve25519 {
  chosen ??= checkedCurve(sodiumModule()) ?? tweetnaclCurve;
  return chosen;
}
