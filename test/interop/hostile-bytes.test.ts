import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { root } from "../../interop/driver/paths.ts";
import { versionOneOpening } from "../../interop/hostile/bytes/features.ts";
import { collidingNames, fnv1a } from "../../interop/hostile/bytes/fnv-names.ts";
import { doublingTypes } from "../../interop/hostile/bytes/gob.ts";
import {
  collidingBigIntegers,
  collidingIntegers,
  integerHash,
} from "../../interop/hostile/bytes/integer-hash.ts";
import { sessionFile } from "../../interop/hostile/bytes/session-file.ts";
import { fakeName, topologyUpdate } from "../../interop/hostile/bytes/topology.ts";
import { hostileText, rawCharacters } from "../../interop/hostile/output-characters.ts";
import * as gob from "../../src/gob/index.ts";
import { decodeUpdate } from "../../src/topology/index.ts";
import { decodeFeatures } from "../../src/wire/index.ts";

const kept = join(root, "fixtures", "attacks");

test("hostile bytes: the kept attacks are those of their manifest", (t) => {
  const manifest = JSON.parse(readFileSync(join(kept, "manifest.json"), "utf8")) as Record<
    string,
    { bytes: number; sha256: string }
  >;
  t.deepEqual(
    readdirSync(kept)
      .filter((name) => name !== "manifest.json")
      .sort(),
    Object.keys(manifest).sort(),
  );
  for (const [name, { bytes, sha256 }] of Object.entries(manifest)) {
    const content = readFileSync(join(kept, name));
    t.is(content.length, bytes, name);
    t.is(createHash("sha256").update(content).digest("hex"), sha256, name);
  }
});

test("hostile bytes: each level of the doubling types holds the next as key and as element", (t) => {
  const inner = gob.map(gob.int, gob.int);
  const decoder = new gob.Decoder();
  decoder.push(doublingTypes(2));
  t.deepEqual(decoder.read(gob.map(inner, inner)), { done: true, value: new Map() });
});

test("hostile bytes: the names of the kept file share one hash, and so do those that are found", (t) => {
  const lines = readFileSync(join(kept, "names-with-one-fnv1a-hash.txt"), "latin1").trim().split("\n");
  const hashes = new Set(lines.map((line) => fnv1a(Buffer.from(line.replaceAll(":", ""), "hex"))));
  t.is(hashes.size, 1);
  const names = collidingNames(40, 18);
  const found = new Set<number>();
  for (let at = 0; at < names.length; at += 6) {
    const hash = fnv1a(names.subarray(at, at + 6));
    found.add((hash ^ (hash >>> 15)) & 0x3fffff);
  }
  t.is(found.size, 1);
});

test("hostile bytes: integers are found that share a bucket", (t) => {
  const small = collidingIntegers(1_000);
  t.is(new Set(small).size, 1_000);
  t.is(new Set(small.map((key) => integerHash(key) & 0x3fff)).size, 1);
  t.true(small.every((key) => key >= 65 && key < 2 ** 30));
  t.is(new Set(collidingBigIntegers(1_000).map(String)).size, 1_000);
});

test("hostile bytes: features and topology updates are valid in form", (t) => {
  const opening = versionOneOpening([["NickName", "x".repeat(1_000)]]);
  t.is(opening.subarray(0, 5).toString(), "weave");
  t.is(decodeFeatures(opening.subarray(7)).get("NickName")?.length, 1_000);
  const peers = Array.from({ length: 3 }, (_, n) => ({
    ...{ name: fakeName(n), nickName: "n", uid: 2n ** 64n - 1n, version: 5n, shortId: n },
    connections: [{ name: fakeName(n + 1), address: "10.0.0.1:6783", established: true }],
  }));
  const decoded = decodeUpdate(topologyUpdate(peers), "mac");
  t.is(decoded.peers.length, 3);
  t.deepEqual(
    decoded.peers.map(({ uid, shortId, hasShortId, connections }) => [
      uid,
      shortId,
      hasShortId,
      connections.length,
    ]),
    peers.map(({ uid, shortId }) => [uid, shortId, true, 1]),
  );
});

test("hostile bytes: a session file has a JSON object on each line", (t) => {
  const lines = sessionFile({ nickName: hostileText, messages: [Buffer.of(4)] })
    .trimEnd()
    .split("\n");
  t.is(lines.length, 10);
  for (const line of lines) t.notThrows(() => JSON.parse(line));
});

test("hostile bytes: raw characters are found, escaped ones are not", (t) => {
  t.true(rawCharacters(hostileText).length >= 10);
  t.deepEqual(rawCharacters("plain text\nwith \\x1b[2J and \\u202e, and more ä 漢\n"), []);
  t.deepEqual(rawCharacters("\u202e"), ["U+202E"]);
  t.deepEqual(rawCharacters("\u009b\r"), ["U+009B", "U+000D"]);
});
