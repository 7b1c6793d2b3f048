import test from "ava";
import * as gob from "../../src/gob/index.ts";
import { readUsualFeatures, writeUsualFeatures } from "../../src/wire/features-bytes.ts";
import { decodeFeatures, encodeFeatures, featuresSchema } from "../../src/wire/index.ts";
import { hex, unhex } from "./bytes.ts";

const features = new Map([
  ["PeerNameFlavour", "mac"],
  ["Name", "00:00:00:00:00:02"],
  ["NickName", "two"],
  ["ShortID", "4095"],
  ["UID", "18446744073709551615"],
  ["ConnID", "7"],
  ["Trusted", "false"],
]);

/** What the general decoder says: the features, or that they are none. */
function generally(bytes: Uint8Array): [string, string][] | "refused" {
  try {
    const decoder = new gob.Decoder();
    decoder.push(bytes);
    const result = decoder.read(featuresSchema);
    return result.done ? [...result.value] : "refused";
  } catch {
    return "refused";
  }
}

test("usual features: the bytes are those of the general encoder", (t) => {
  const cases = [
    features,
    new Map(),
    new Map([["", ""]]),
    new Map([["a".repeat(127), "b".repeat(127)]]),
    new Map(Array.from({ length: 127 }, (_, i) => [`name ${i}`, "x".repeat(i)] as const)),
  ];
  for (const each of cases) t.is(hex(writeUsualFeatures(each)!), hex(gob.encode(featuresSchema, each)));
});

test("usual features: long texts, many of them and texts beyond ASCII are left to the general encoder", (t) => {
  const cases = [
    new Map([["a", "é"]]),
    new Map([["\udc80", "a"]]),
    new Map([["a".repeat(128), ""]]),
    new Map([["", "b".repeat(128)]]),
    new Map(Array.from({ length: 128 }, (_, i) => [`${i}`, ""] as const)),
  ];
  for (const each of cases) {
    t.is(writeUsualFeatures(each), undefined);
    t.deepEqual([...decodeFeatures(encodeFeatures(each))], [...each]);
  }
});

test("usual features: are read under the type ids that Go gives, and whatever follows", (t) => {
  for (const id of [64, 65]) {
    const bytes = gob.encode(featuresSchema, features, {
      types: new gob.TypeTable().assign(featuresSchema, id),
    });
    t.deepEqual([...readUsualFeatures(bytes)!], [...features]);
    t.deepEqual([...readUsualFeatures(Buffer.concat([bytes, unhex("ff00")]))!], [...features]);
  }
});

test("usual features: whatever byte is changed or missing, what is read is what the general decoder reads", (t) => {
  const small = new Map([
    ["Name", "a"],
    ["b", ""],
  ]);
  const originals = [small, features, new Map<string, string>()].flatMap((each) =>
    [64, 65].map((id) =>
      gob.encode(featuresSchema, each, { types: new gob.TypeTable().assign(featuresSchema, id) }),
    ),
  );
  for (const bytes of originals) {
    for (let at = 0; at < bytes.length; at++) {
      t.is(readUsualFeatures(bytes.subarray(0, at)), undefined);
      for (const change of [1, 2, 3, 4, 8, 0x7f, 0x80, 0xff]) {
        const changed = new Uint8Array(bytes);
        changed[at] = changed[at]! ^ change;
        const read = readUsualFeatures(changed);
        if (read !== undefined) t.deepEqual([...read], generally(changed), hex(changed));
      }
    }
  }
});
