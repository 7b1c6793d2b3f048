import test from "ava";
import { decodeFeatures, encodeFeatures, parseFeatures } from "../../src/wire/index.ts";
import { assertGrowth } from "../cost/growth.ts";

const usual = {
  PeerNameFlavour: "mac",
  Name: "00:00:00:00:00:02",
  NickName: "two",
  UID: "1",
  ConnID: "2",
};

function features(changes: Record<string, string>): Map<string, string> {
  return new Map(Object.entries({ ...usual, ...changes }));
}

const large: Record<string, (size: number) => Record<string, string>> = {
  "a UID of letters": (size) => ({ UID: "a".repeat(size) }),
  "a UID of zeros": (size) => ({ UID: `${"0".repeat(size)}x` }),
  "a UID of control characters": (size) => ({ UID: "\x01".repeat(size) }),
  "a Name of colons": (size) => ({ Name: ":".repeat(size) }),
  "a Name of blanks": (size) => ({ Name: " ".repeat(size) }),
  "a Name of the hash flavour": (size) => ({ PeerNameFlavour: "hash", Name: `${"0".repeat(size)}x` }),
  "another flavour": (size) => ({ PeerNameFlavour: "\x1b".repeat(size) }),
  "a Trusted of bytes that are not UTF-8": (size) => ({ Trusted: "\udcff".repeat(size) }),
};
for (const [name, changes] of Object.entries(large)) {
  test.serial(`features: ${name} costs no more than its length`, async (t) => {
    await assertGrowth(t, {
      name,
      prepare: (size) => features(changes(size)),
      run: (received) => {
        const flavour = changes(1).PeerNameFlavour === "hash" ? "hash" : "mac";
        t.throws(() => parseFeatures(received, flavour));
      },
      // Most are refused after a bounded prefix, but for counting the bytes of the text.
      least: 0,
    });
  });
}

test.serial("features: a number of zeros is parsed, however many", async (t) => {
  await assertGrowth(t, {
    name: "zeros",
    prepare: (size) => features({ UID: `${"0".repeat(size)}7` }),
    run: (received) => t.is(parseFeatures(received, "mac").uid, 7n),
    least: 0,
  });
});

test.serial("features: one long text is decoded in proportion to its length", async (t) => {
  await assertGrowth(t, {
    name: "decode",
    prepare: (size) => encodeFeatures(features({ UID: "\u00e9".repeat(size) })),
    run: (bytes) => t.is(decodeFeatures(bytes).size, 5),
    least: 0,
  });
});
