import test from "ava";
import { generation } from "../../src/gob/generate.ts";
import * as gob from "../../src/gob/index.ts";
import { toHex } from "./hex.ts";

const Point = gob.struct("main.Point", { X: gob.int, Y: gob.int64 });
const Peer = gob.struct("main.Peer", { Name: gob.string, UID: gob.uint64, At: gob.optional(Point) });
const Mesh = gob.struct("main.Mesh", { Peers: gob.slice(Peer), By: gob.map(gob.string, Peer) });

function failure(schema: gob.AnySchema, value: unknown): gob.GobError | undefined {
  try {
    gob.encode(schema, value);
    return undefined;
  } catch (error) {
    return error as gob.GobError;
  }
}

test("encode: an error names the field's path", (t) => {
  const peer = { Name: "a", UID: 1n };
  const value = { Peers: [peer, peer, { Name: "b", UID: 1 }], By: new Map() };
  const error = failure(Mesh, value);
  t.is(error?.code, "type-mismatch");
  t.is(error?.path, "Peers[2].UID");
  t.is(error?.message, "gob: Peers[2].UID: expected a bigint, got number");
  t.is(
    failure(Mesh, { Peers: [], By: new Map([["k", { ...peer, At: { X: 0.5, Y: 0n } }]]) })?.path,
    'By["k"].At.X',
  );
});

const refused: readonly (readonly [string, gob.AnySchema, unknown, gob.GobErrorCode])[] = [
  ["int beyond 2^53", gob.int, 2 ** 53, "overflow"],
  ["int of a fraction", gob.int, 1.5, "overflow"],
  ["int of NaN", gob.int, Number.NaN, "overflow"],
  ["int8", gob.int8, 128, "overflow"],
  ["uint of a negative", gob.uint, -1, "overflow"],
  ["uint16", gob.uint16, 65536, "overflow"],
  ["int64", gob.int64, 1n << 63n, "overflow"],
  ["uint64 of a negative", gob.uint64, -1n, "overflow"],
  ["float32", gob.float32, 1e300, "overflow"],
  ["a string as a number", gob.int, "1", "type-mismatch"],
  ["a number as a string", gob.string, 1, "type-mismatch"],
  ["an array as bytes", gob.bytes, [1], "type-mismatch"],
  ["an array of another length", gob.array(gob.int, 2), [1], "type-mismatch"],
  ["an object as a Map", gob.map(gob.string, gob.int), {}, "type-mismatch"],
  ["nothing at the top", gob.optional(gob.int), undefined, "nil-value"],
  ["nothing as an element", gob.slice(gob.optional(Point)), [undefined], "nil-value"],
  ["nothing as a struct", Point, null, "nil-value"],
  ["a name that is not registered", gob.interface(), { name: "main.X", value: 1 }, "not-registered"],
  ["a codec's refusal", gob.uuid, "no uuid", "codec"],
];

for (const [name, schema, value, code] of refused) {
  test(`encode: refuses ${name}`, (t) => {
    t.is(failure(schema, value)?.code, code);
  });
}

test("encode: a value that contains itself is an error", (t) => {
  const List: gob.AnySchema = gob.named("main.L", gob.slice(gob.lazy(() => List)));
  const loop: unknown[] = [];
  loop.push(loop);
  t.is(failure(List, loop)?.code, "nesting-too-deep");
});

test("encode: the loops that stand in for generated code do the same", (t) => {
  const make = (): gob.AnySchema =>
    gob.struct("main.T", {
      A: gob.int,
      S: gob.slice(gob.string),
      O: gob.optional(gob.string),
      P: gob.struct("main.P", { X: gob.int }),
    });
  const values = [
    { A: 1, S: ["x"], O: "o", P: { X: 2 } },
    { A: 0, S: [], P: { X: 0 } },
  ];
  const run = (): unknown[] => {
    const schema = make();
    const wide = gob.struct("main.T", { P: gob.struct("main.P", { X: gob.int, Z: gob.bytes }), A: gob.int });
    return values.flatMap((value) => {
      const bytes = gob.encode(schema, value);
      return [toHex(bytes), gob.decode(schema, bytes), gob.decode(wide, bytes)];
    });
  };
  const generated = run();
  generation.enabled = false;
  try {
    t.deepEqual(run(), generated);
  } finally {
    generation.enabled = true;
  }
  t.deepEqual(generated[1], values[0]);
});

test("encode: a field named __proto__ is a field", (t) => {
  const fields = [
    ["__proto__", gob.int],
    ["constructor", gob.int],
  ] as const;
  const schema: gob.AnySchema = gob.struct("main.T", Object.fromEntries(fields));
  const value = Object.fromEntries([
    ["__proto__", 5],
    ["constructor", 6],
  ]);
  const decoded = gob.decode(schema, gob.encode(schema, value)) as object;
  t.deepEqual(Object.entries(decoded), Object.entries(value));
});
