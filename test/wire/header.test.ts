import test from "ava";
import { chooseVersion, decodeHeader, encodeHeader, HandshakeError } from "../../src/wire/index.ts";
import { hex, unhex } from "./bytes.ts";

test("header: is weave and the range of versions", (t) => {
  t.is(hex(encodeHeader({ minVersion: 1, maxVersion: 2 })), "77656176650102");
  t.deepEqual(decodeHeader(unhex("77656176650005")), { minVersion: 0, maxVersion: 5 });
});

test("header: other first bytes are not recognised", (t) => {
  const error = t.throws(() => decodeHeader(unhex("47455420 2f 2048")), { instanceOf: HandshakeError });
  t.is(error.code, "header-not-recognised");
  t.is(error.message, "remote protocol header not recognised: [71 69 84 32 47]");
});

const chosen: readonly (readonly [theirs: [number, number], ours: [number, number], version: 1 | 2])[] = [
  [[1, 2], [1, 2], 2],
  [[1, 1], [1, 2], 1],
  [[1, 2], [1, 1], 1],
  [[2, 2], [1, 2], 2],
  [[0, 2], [1, 2], 2],
  [[0, 1], [1, 2], 1],
  [[1, 9], [2, 2], 2],
  [[2, 255], [0, 2], 2],
];
for (const [[theirMin, theirMax], [ourMin, ourMax], version] of chosen) {
  test(`header: version ${version} is chosen from theirs [${theirMin},${theirMax}] and ours [${ourMin},${ourMax}]`, (t) => {
    const theirs = { minVersion: theirMin, maxVersion: theirMax };
    t.is(chooseVersion(theirs, { minVersion: ourMin, maxVersion: ourMax }), version);
  });
}

const refused: readonly (readonly [theirs: [number, number], ours: [number, number]])[] = [
  [
    [1, 1],
    [2, 2],
  ],
  [
    [2, 2],
    [1, 1],
  ],
  [
    [3, 9],
    [1, 2],
  ],
  [
    [0, 0],
    [1, 2],
  ],
  // The original would choose version 0 here, and panic.
  [
    [0, 0],
    [0, 2],
  ],
  [
    [2, 1],
    [1, 2],
  ],
];
for (const [[theirMin, theirMax], [ourMin, ourMax]] of refused) {
  test(`header: theirs [${theirMin},${theirMax}] and ours [${ourMin},${ourMax}] are incompatible`, (t) => {
    const theirs = { minVersion: theirMin, maxVersion: theirMax };
    const error = t.throws(() => chooseVersion(theirs, { minVersion: ourMin, maxVersion: ourMax }), {
      instanceOf: HandshakeError,
    });
    t.is(error.code, "version-incompatible");
    t.is(
      error.message,
      `remote version range [${theirMin},${theirMax}] is incompatible with ours [${ourMin},${ourMax}]`,
    );
  });
}
