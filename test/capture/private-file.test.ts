import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { makePrivateFolder } from "../../src/capture/private-file.ts";

const mode = (path: string): number => statSync(path).mode & 0o777;

test("private folder: it is made with those above it, for its owner only", (t) => {
  const root = mkdtempSync(join(tmpdir(), "weave-mesh-"));
  t.teardown(() => rmSync(root, { recursive: true }));
  const path = join(root, "a", "b", "c");
  makePrivateFolder(path);
  makePrivateFolder(path);
  t.deepEqual([path, join(root, "a", "b"), join(root, "a")].map(mode), [0o700, 0o700, 0o700]);
});

test("private folder: a file in its place is an error", (t) => {
  const root = mkdtempSync(join(tmpdir(), "weave-mesh-"));
  t.teardown(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, "file"), "");
  t.throws(() => makePrivateFolder(join(root, "file")), { code: "EEXIST" });
  t.throws(() => makePrivateFolder(join(root, "file", "folder")), { code: "ENOTDIR" });
});

test("private folder: a file system that refuses new names is an error, and does not hold the process", (t) => {
  if (!existsSync("/proc/self")) return t.pass("no /proc here");
  t.throws(() => makePrivateFolder("/proc/weave-mesh/recording"), { code: "ENOENT" });
});
