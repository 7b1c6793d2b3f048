import nacl from "tweetnacl";
import { sodiumModule } from "./sodium-module.ts";

/** Bytes by which a sealed message is longer than its plain text. */
export const sealBytes = 16;
/** Bytes of a nonce. */
export const nonceBytes = 24;
/** Bytes of a session key, a public key and a secret key. */
export const keyBytes = 32;

/**
 * NaCl's secretbox (XSalsa20-Poly1305), as `golang.org/x/crypto/nacl/secretbox`: 16 bytes of authenticator, then
 * the cipher text. Nonces have 24 bytes, keys 32. No call keeps its arguments.
 */
export interface SealingBackend {
  readonly name: "tweetnacl" | "sodium-native";
  /** Seals `plain`; the result is the caller's and 16 bytes longer. */
  seal(plain: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array;
  /** Opens `sealed`; the result is the caller's, `undefined` means that it is not authentic (or too short). */
  open(sealed: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array | undefined;
  /**
   * Seals without another buffer: `box` holds 16 bytes of room and then the plain text, and holds the sealed
   * message afterwards.
   */
  sealInPlace(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): void;
}

/** The built-in back end, in JavaScript. It defines what is correct. */
export const tweetnaclBackend: SealingBackend = {
  name: "tweetnacl",
  seal: (plain, nonce, key) => nacl.secretbox(plain, nonce, key),
  open: (sealed, nonce, key) => nacl.secretbox.open(sealed, nonce, key) ?? undefined,
  sealInPlace(box, nonce, key) {
    box.set(nacl.secretbox(box.subarray(sealBytes), nonce, key));
  },
};

/** The part of sodium-native 5 that is used. Each call takes any Uint8Array, views with an offset included. */
interface Sodium {
  readonly crypto_secretbox_KEYBYTES: number;
  readonly crypto_secretbox_NONCEBYTES: number;
  readonly crypto_secretbox_MACBYTES: number;
  /** Writes `c` (16 bytes longer than `m`, which may lie in it). */
  crypto_secretbox_easy(c: Uint8Array, m: Uint8Array, n: Uint8Array, k: Uint8Array): void;
  crypto_secretbox_open_easy(m: Uint8Array, c: Uint8Array, n: Uint8Array, k: Uint8Array): boolean;
}

function sodiumSealing(sodium: Sodium): SealingBackend {
  return {
    name: "sodium-native",
    seal(plain, nonce, key) {
      const sealed = new Uint8Array(plain.length + sealBytes);
      sodium.crypto_secretbox_easy(sealed, plain, nonce, key);
      return sealed;
    },
    open(sealed, nonce, key) {
      if (sealed.length < sealBytes) return undefined;
      const plain = new Uint8Array(sealed.length - sealBytes);
      return sodium.crypto_secretbox_open_easy(plain, sealed, nonce, key) ? plain : undefined;
    },
    sealInPlace(box, nonce, key) {
      // The cipher text goes to where the plain text is: libsodium permits that, and moves nothing.
      sodium.crypto_secretbox_easy(box, box.subarray(sealBytes), nonce, key);
    },
  };
}

/**
 * Whether `module` has the interface of sodium-native 5 and agrees with tweetnacl on one message. An optional
 * dependency comes in whatever version and build the machine has; a wrong one must not be found out by peers.
 */
function checkedSodium(module: unknown): SealingBackend | undefined {
  const sodium = module as Partial<Sodium> | undefined;
  if (
    typeof sodium?.crypto_secretbox_easy !== "function" ||
    typeof sodium.crypto_secretbox_open_easy !== "function" ||
    sodium.crypto_secretbox_KEYBYTES !== keyBytes ||
    sodium.crypto_secretbox_NONCEBYTES !== nonceBytes ||
    sodium.crypto_secretbox_MACBYTES !== sealBytes
  ) {
    return undefined;
  }
  const backend = sodiumSealing(sodium as Sodium);
  const key = new Uint8Array(keyBytes).fill(0x5a);
  const nonce = new Uint8Array(nonceBytes).fill(0xa5);
  const plain = Uint8Array.from({ length: 77 }, (_, i) => i);
  const expected = tweetnaclBackend.seal(plain, nonce, key);
  const box = new Uint8Array(sealBytes + plain.length);
  box.set(plain, sealBytes);
  backend.sealInPlace(box, nonce, key);
  const opened = backend.open(expected, nonce, key);
  const equal = (a: Uint8Array, b: Uint8Array | undefined) => b !== undefined && Buffer.compare(a, b) === 0;
  return equal(expected, box) && equal(plain, opened) ? backend : undefined;
}

let sodium: { readonly backend: SealingBackend | undefined } | undefined;

/** The faster back end over libsodium; `undefined` where the optional dependency sodium-native does not load. */
export function sodiumSealingBackend(): SealingBackend | undefined {
  sodium ??= { backend: checkedSodium(sodiumModule()) };
  return sodium.backend;
}

/** The faster one of those that are there. Chosen when first asked for, see {@link sodiumModule}. */
export function fastestBackend(): SealingBackend {
  return sodiumSealingBackend() ?? tweetnaclBackend;
}
