import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "ava";
import {
  generateKeyPair,
  messageNonce,
  type SealingBackend,
  sessionKey,
  sodiumBackend,
  tweetnaclBackend,
} from "../../src/wire/index.ts";
import { hex, unhex } from "./bytes.ts";

interface Vector {
  readonly dialler: { readonly secret: string; readonly public: string };
  readonly acceptor: { readonly secret: string; readonly public: string };
  readonly password: string;
  readonly sessionKey: string;
  readonly senderDialled: boolean;
  readonly messageNumber: string;
  readonly nonce: string;
  readonly plainSeed: string;
  readonly plainLength: number;
  readonly sealed?: string;
  readonly sealedSha256?: string;
}

const path = new URL("../../fixtures/session-key/vectors.json", import.meta.url);
const vectors = JSON.parse(readFileSync(path, "utf8")) as Vector[];

/** The plain text of a vector: SHA-256 over seed and block number, block after block. */
function plainText(vector: Vector): Uint8Array {
  const seed = unhex(vector.plainSeed);
  const plain = Buffer.alloc(Math.ceil(vector.plainLength / 32) * 32);
  const block = Buffer.concat([seed, Buffer.alloc(4)]);
  for (let i = 0; i * 32 < vector.plainLength; i++) {
    block.writeUInt32BE(i, seed.length);
    plain.set(createHash("sha256").update(block).digest(), i * 32);
  }
  return new Uint8Array(plain.subarray(0, vector.plainLength));
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

test("session key: there are 200 vectors made by Go, among them empty, long and non-UTF-8 passwords", (t) => {
  t.is(vectors.length, 200);
  t.true(vectors.some((vector) => vector.password === ""));
  t.true(vectors.some((vector) => vector.password.length > 2000));
  t.true(vectors.some((vector) => vector.password.startsWith("fffe")));
  t.true(vectors.some((vector) => vector.plainLength === 0));
  t.true(vectors.some((vector) => vector.plainLength === 2 ** 20));
});

test("session key: both sides form Go's key for each of the vectors", (t) => {
  for (const vector of vectors) {
    const dialler = generateKeyPair(unhex(vector.dialler.secret));
    const acceptor = generateKeyPair(unhex(vector.acceptor.secret));
    t.is(hex(dialler.publicKey), vector.dialler.public);
    t.is(hex(acceptor.publicKey), vector.acceptor.public);
    const password = unhex(vector.password);
    t.is(hex(sessionKey(acceptor.publicKey, dialler.secretKey, password)), vector.sessionKey);
    t.is(hex(sessionKey(dialler.publicKey, acceptor.secretKey, password)), vector.sessionKey);
  }
});

test("session key: nonces are Go's", (t) => {
  for (const vector of vectors) {
    t.is(hex(messageNonce(vector.senderDialled, BigInt(vector.messageNumber))), vector.nonce);
  }
});

const backends: readonly (SealingBackend | undefined)[] = [tweetnaclBackend, sodiumBackend];
const backendNames = ["tweetnacl", "sodium-native"];
for (const [i, backend] of backends.entries()) {
  // The optional dependency may be absent from a user's machine, but not unnoticed.
  const run = backend === undefined ? test.skip : test;
  run(`sealing: ${backendNames[i]} seals and opens each of Go's vectors`, (t) => {
    for (const vector of vectors) {
      const plain = plainText(vector);
      const nonce = unhex(vector.nonce);
      const key = unhex(vector.sessionKey);
      const sealed = backend!.seal(plain, nonce, key);
      if (vector.sealed !== undefined) {
        t.is(hex(sealed), vector.sealed);
        t.is(Buffer.compare(backend!.open(unhex(vector.sealed), nonce, key)!, plain), 0);
      } else {
        t.is(sha256(sealed), vector.sealedSha256!);
        t.is(Buffer.compare(backend!.open(sealed, nonce, key)!, plain), 0);
      }
      const box = new Uint8Array(3 + 16 + plain.length).subarray(3);
      box.set(plain, 16);
      backend!.sealInPlace(box, nonce, key);
      t.is(Buffer.compare(box, sealed), 0);
    }
  });

  run(
    `sealing: ${backendNames[i]} refuses what was changed, cut, or sealed under another key or nonce`,
    (t) => {
      const { nonce, sessionKey: key, sealed } = vectors.find((v) => v.plainLength === 65)!;
      const good = unhex(sealed!);
      const open = (box: Uint8Array, n = unhex(nonce), k = unhex(key)) => backend!.open(box, n, k);
      t.truthy(open(good));
      for (const at of [0, 15, 16, good.length - 1]) {
        const changed = good.slice();
        changed[at]! ^= 1;
        t.is(open(changed), undefined);
      }
      for (const length of [0, 1, 15, 16, good.length - 1]) t.is(open(good.subarray(0, length)), undefined);
      t.is(open(good, new Uint8Array(24)), undefined);
      t.is(open(good, unhex(nonce), new Uint8Array(32)), undefined);
    },
  );
}

test("session key: a key pair takes exactly 32 random bytes, and copies them", (t) => {
  t.throws(() => generateKeyPair(new Uint8Array(31)), { instanceOf: RangeError });
  const random = new Uint8Array(32).fill(7);
  const pair = generateKeyPair(random);
  random.fill(0);
  t.is(hex(pair.secretKey), "07".repeat(32));
});
