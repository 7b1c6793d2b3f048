import test from "ava";
import * as gob from "../../src/gob/index.ts";
import {
  decodeFeatures,
  encodeFeatures,
  type Features,
  featuresSchema,
  filterV1Features,
  HandshakeError,
  parseFeatures,
} from "../../src/wire/index.ts";
import { concat, hex, unhex } from "./bytes.ts";

const definition65 = "0eff81040102ff8200010c010c0000";

function features(changes: Record<string, string | undefined> = {}): Features {
  const all: Record<string, string | undefined> = {
    PeerNameFlavour: "mac",
    Name: "00:00:00:00:00:02",
    NickName: "two",
    ShortID: "4095",
    UID: "18446744073709551615",
    ConnID: "0",
    Trusted: "true",
    ...changes,
  };
  return new Map(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

test("features: are a gob map of strings in the order given", (t) => {
  const bytes = encodeFeatures(
    new Map([
      ["b", "1"],
      ["a", "\udcff"],
    ]),
  );
  t.is(hex(bytes), `${definition65}0cff8200020162013101610 1ff`.replaceAll(" ", ""));
  t.deepEqual(
    [...decodeFeatures(bytes)],
    [
      ["b", "1"],
      ["a", "\udcff"],
    ],
  );
});

test("features: a table of types fixes the id", (t) => {
  const types = new gob.TypeTable().assign(featuresSchema, 64);
  t.is(hex(encodeFeatures(new Map(), types)), "0d7f040102ff8000010c010c000004ff800000");
});

test("features: bytes after the map are allowed, ids are the sender's choice", (t) => {
  const bytes = unhex("0d7f040102ff8000010c010c000008ff8000010141016 2 ffff".replaceAll(" ", ""));
  t.deepEqual([...decodeFeatures(bytes)], [["A", "b"]]);
});

test("features: every prefix is refused as truncated, in Go's words", (t) => {
  const bytes = encodeFeatures(features());
  for (let length = 0; length < bytes.length; length++) {
    const error = t.throws(() => decodeFeatures(bytes.subarray(0, length)), { instanceOf: HandshakeError });
    t.is(error.code, "malformed-features");
    t.is(error.message, length === 0 ? "EOF" : "unexpected EOF");
  }
});

for (const [name, bytes] of [
  ["a string", "04 0c 00 01 61"],
  ["an undefined type", "04 ff 82 00 00"],
  ["random bytes", "2a 17 e8 99 03 77 12"],
] as const) {
  test(`features: ${name} in place of the map is malformed`, (t) => {
    const input = concat(unhex(bytes), new Uint8Array(64));
    const error = t.throws(() => decodeFeatures(input), { instanceOf: HandshakeError });
    t.is(error.code, "malformed-features");
    t.is(error.phase, "features");
  });
}

test("features: version 1 keeps five of them, in their order", (t) => {
  const kept = filterV1Features(features({ PublicKey: "00", Extra: "x" }));
  t.deepEqual([...kept.keys()], ["PeerNameFlavour", "Name", "NickName", "UID", "ConnID"]);
});

test("features: are read into the identity of the other side", (t) => {
  t.deepEqual(parseFeatures(features(), "mac"), {
    name: "00:00:00:00:00:02" as never,
    nickName: "two",
    shortId: 4095,
    trusted: true,
    uid: 18446744073709551615n,
    connId: 0n,
  });
});

test("features: short ID and trust may be missing, as in version 1", (t) => {
  const identity = parseFeatures(features({ ShortID: undefined, Trusted: undefined }), "mac");
  t.false("shortId" in identity);
  t.false(identity.trusted);
});

test("features: a name of the hash flavour comes out in lower case", (t) => {
  const identity = parseFeatures(features({ PeerNameFlavour: "hash", Name: "ABcd" }), "hash");
  t.is(identity.name, "abcd" as never);
});

for (const text of ["1", "t", "T", "true", "TRUE", "True"]) {
  test(`features: Trusted ${text} is true`, (t) => {
    t.true(parseFeatures(features({ Trusted: text }), "mac").trusted);
  });
}
for (const text of ["0", "f", "F", "false", "FALSE", "False"]) {
  test(`features: Trusted ${text} is false`, (t) => {
    t.false(parseFeatures(features({ Trusted: text }), "mac").trusted);
  });
}

const refused: readonly (readonly [
  changes: Record<string, string | undefined>,
  code: string,
  feature: string,
  message: string,
])[] = [
  ...["PeerNameFlavour", "Name", "NickName", "UID", "ConnID"].map(
    (name) => [{ [name]: undefined }, "missing-feature", name, `field ${name} is missing`] as const,
  ),
  // The first of several that are missing is named, before anything else is looked at.
  [
    { PeerNameFlavour: "x", UID: undefined, ConnID: undefined },
    "missing-feature",
    "UID",
    "field UID is missing",
  ],
  [
    { PeerNameFlavour: "hash", Name: "?" },
    "flavour-mismatch",
    "PeerNameFlavour",
    "Peer name flavour mismatch (ours: 'mac', theirs: 'hash')",
  ],
  [{ Name: "nobody", ShortID: "x" }, "malformed-feature", "Name", 'invalid peer name format: "nobody"'],
  [
    { ShortID: "x", Trusted: "x" },
    "malformed-feature",
    "ShortID",
    'strconv.ParseUint: parsing "x": invalid syntax',
  ],
  [
    { ShortID: "4096" },
    "malformed-feature",
    "ShortID",
    'strconv.ParseUint: parsing "4096": value out of range',
  ],
  // Digit by digit, as Go: out of range before the bad character is seen.
  [
    { ShortID: "40960x" },
    "malformed-feature",
    "ShortID",
    'strconv.ParseUint: parsing "40960x": value out of range',
  ],
  [{ ShortID: "" }, "malformed-feature", "ShortID", 'strconv.ParseUint: parsing "": invalid syntax'],
  [{ ShortID: "+1" }, "malformed-feature", "ShortID", 'strconv.ParseUint: parsing "+1": invalid syntax'],
  [{ ShortID: "1_0" }, "malformed-feature", "ShortID", 'strconv.ParseUint: parsing "1_0": invalid syntax'],
  [
    { Trusted: "yes", UID: "x" },
    "malformed-feature",
    "Trusted",
    'strconv.ParseBool: parsing "yes": invalid syntax',
  ],
  [
    { UID: "18446744073709551616", ConnID: "x" },
    "malformed-feature",
    "UID",
    'strconv.ParseUint: parsing "18446744073709551616": value out of range',
  ],
  [
    { ConnID: '-1"\n\udcff' },
    "malformed-feature",
    "ConnID",
    'strconv.ParseUint: parsing "-1\\"\\n\\xff": invalid syntax',
  ],
];
for (const [changes, code, feature, message] of refused) {
  test(`features: ${JSON.stringify(changes)} is refused: ${message}`, (t) => {
    const error = t.throws(() => parseFeatures(features(changes), "mac"), { instanceOf: HandshakeError });
    t.is(error.code, code as never);
    t.is(error.feature, feature);
    t.is(error.message, message);
  });
}

const cut = "... (10,000,000 bytes)";
const oversized: readonly (readonly [string, Record<string, string>, string])[] = [
  [
    "a UID of letters",
    { UID: "a".repeat(10_000_000) },
    `strconv.ParseUint: parsing "${"a".repeat(1024)}"${cut}: invalid syntax`,
  ],
  [
    "a UID of digits",
    { UID: "9".repeat(10_000_000) },
    `strconv.ParseUint: parsing "${"9".repeat(1024)}"${cut}: value out of range`,
  ],
  [
    "a UID of control characters",
    { UID: "\x01".repeat(10_000_000) },
    `strconv.ParseUint: parsing "${"\\x01".repeat(256)}"${cut}: invalid syntax`,
  ],
  [
    "a Trusted of bytes that are not UTF-8",
    { Trusted: "\udcff".repeat(10_000_000) },
    `strconv.ParseBool: parsing "${"\\xff".repeat(256)}"${cut}: invalid syntax`,
  ],
  [
    "a Name of colons",
    { Name: ":".repeat(10_000_000) },
    `invalid peer name format: "${":".repeat(1024)}"${cut}`,
  ],
  [
    "another flavour",
    { PeerNameFlavour: "\n".repeat(10_000_000) },
    `Peer name flavour mismatch (ours: 'mac', theirs: '${"\\n".repeat(512)}${cut}')`,
  ],
];
for (const [name, changes, message] of oversized) {
  test(`features: the error for ${name} of 10 MB is cut at 1 KiB`, (t) => {
    const error = t.throws(() => parseFeatures(features(changes), "mac"), { instanceOf: HandshakeError });
    t.is(error.message, message);
    // No error behind it keeps the whole text alive either.
    t.true(JSON.stringify(error.cause ?? "").length < 8192);
  });
}

test("features: a number may have any number of leading zeros", (t) => {
  t.is(parseFeatures(features({ UID: `${"0".repeat(1_000_000)}7` }), "mac").uid, 7n);
  t.is(parseFeatures(features({ UID: "0".repeat(30) }), "mac").uid, 0n);
});

test("features: a flavour that could forge a log line is escaped", (t) => {
  t.throws(() => parseFeatures(features({ PeerNameFlavour: "a\n\x1b[2J\u202e" }), "mac"), {
    message: "Peer name flavour mismatch (ours: 'mac', theirs: 'a\\n\\x1b[2J\\u202e')",
  });
});

test("features: up to 1,024 are taken, more are refused before they are read", (t) => {
  const many = (count: number) =>
    encodeFeatures(new Map(Array.from({ length: count }, (_, index) => [`k${index}`, ""])));
  t.is(decodeFeatures(many(1024)).size, 1024);
  t.throws(() => decodeFeatures(many(1025)), {
    code: "malformed-features",
    message: /more than 1024 elements/,
  });
});
