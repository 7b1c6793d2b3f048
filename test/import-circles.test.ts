import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { betweenFolders, circlesOf, readImports } from "./import-graph.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The circles that src still has. No other may be added. */
const knownInSource = [
  "src/capture/end-reason.ts src/capture/session-summary.ts",
  "src/gob/definition.ts src/gob/reader.ts",
  "src/gob/schema.ts src/gob/wire-types.ts",
  "src/gossip/connection.ts src/gossip/sender.ts src/gossip/senders.ts",
];

test("imports: a circle is found, whatever its length, and nothing else is", (t) => {
  const graph = new Map([
    ["entry", ["a", "leaf"]],
    ["a", ["b"]],
    ["b", ["c", "leaf"]],
    ["c", ["a"]],
    ["leaf", []],
    ["itself", ["itself", "leaf"]],
    ["x", ["y", "a"]],
    ["y", ["x"]],
  ]);
  t.deepEqual(circlesOf(graph), [["a", "b", "c"], ["itself"], ["x", "y"]]);
});

test("imports: folders that import each other are found where no files do", (t) => {
  const graph = new Map([
    ["top/run.ts", ["top/one/a.ts"]],
    ["top/one/a.ts", ["top/two/b.ts"]],
    ["top/two/b.ts", []],
    ["top/two/c.ts", ["top/one/d.ts"]],
    ["top/one/d.ts", []],
  ]);
  t.deepEqual(circlesOf(graph), []);
  t.deepEqual(circlesOf(betweenFolders(graph, 2)), [["top/one", "top/two"]]);
});

test("imports: no files of interop and bench import each other in a circle", (t) => {
  const graph = readImports(root, ["interop", "bench"]);
  t.true(graph.size > 100);
  t.true(graph.get("interop/run.ts")?.includes("interop/runner/cells.ts"));
  t.deepEqual(circlesOf(graph), []);
});

test("imports: no folders of interop and bench import each other in a circle", (t) => {
  const folders = betweenFolders(readImports(root, ["interop", "bench"]), 2);
  t.true(folders.get("interop/runner")?.includes("interop/driver"));
  t.deepEqual(circlesOf(folders), []);
});

test("imports: src has no circle but the known ones", (t) => {
  const circles = circlesOf(readImports(root, ["src"])).map((files) => files.join(" "));
  t.deepEqual(
    circles.filter((circle) => !knownInSource.includes(circle)),
    [],
  );
});
