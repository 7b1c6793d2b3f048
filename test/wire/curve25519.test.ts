import test from "ava";
import { checkedCurve, defaultCurve, tweetnaclCurve } from "../../src/wire/curve25519.ts";
import { sodiumModule } from "../../src/wire/sodium-module.ts";
import { hex } from "./bytes.ts";

const curves = [tweetnaclCurve, checkedCurve(sodiumModule()) ?? tweetnaclCurve];

test("curve: the first iteration of RFC 7748, section 5.2", (t) => {
  const nine = new Uint8Array(32);
  nine[0] = 9;
  for (const curve of curves) {
    const result = "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079";
    t.is(hex(curve.multiply(nine, nine)), result);
    t.is(hex(curve.base(nine)), result);
  }
});

test("curve: a public key of low order gives zeros with every implementation, as in the original", (t) => {
  const secret = Uint8Array.from({ length: 32 }, (_, i) => i);
  for (const curve of curves) {
    t.deepEqual(curve.multiply(secret, new Uint8Array(32)), new Uint8Array(32));
  }
});

test("curve: implementations agree, and do not change their arguments", (t) => {
  for (let i = 0; i < 20; i++) {
    const secret = Uint8Array.from({ length: 32 }, (_, j) => (i * 37 + j * 11) & 255);
    const theirs = tweetnaclCurve.base(Uint8Array.from({ length: 32 }, (_, j) => (i * 5 + j * 3) & 255));
    const before = [hex(secret), hex(theirs)];
    for (const curve of curves) {
      t.is(hex(curve.base(secret)), hex(tweetnaclCurve.base(secret)));
      t.is(hex(curve.multiply(secret, theirs)), hex(tweetnaclCurve.multiply(secret, theirs)));
    }
    t.deepEqual([hex(secret), hex(theirs)], before);
  }
});

test("curve: a module that is not sodium-native, or computes something else, is not taken", (t) => {
  t.is(checkedCurve(undefined), undefined);
  t.is(checkedCurve({}), undefined);
  t.is(checkedCurve({ crypto_scalarmult_base() {}, crypto_scalarmult() {} }), undefined);
  t.truthy(defaultCurve());
});
