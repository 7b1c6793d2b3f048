import test from "ava";
import * as gob from "../../src/gob/index.ts";
import { assertGrowth } from "../cost/growth.ts";
import {
  doublingMaps,
  doublingStructs,
  firstId,
  ids,
  StreamWriter,
  sliceChain,
  uint,
  wideStruct,
} from "./type-streams.ts";

// How the work of reading grows with the input: all that a sender can make long, deep, wide or frequent.

const limits = { types: 1_000_000 };

function range<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** The values of a stream without a schema; an error ends it, as most of these streams are refused. */
function readAll(bytes: Uint8Array): void {
  try {
    gob.decodeStream(bytes, { limits });
  } catch (error) {
    if (!(error instanceof gob.GobError)) throw error;
  }
}

function readBy(schema: gob.Schema, chunks: Iterable<Uint8Array>): number {
  const decoder = new gob.Decoder({ limits });
  let count = 0;
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (;;) {
      try {
        if (!decoder.read(schema).done) break;
        count++;
      } catch (error) {
        if (!(error instanceof gob.GobError)) throw error;
        if (error.code === "failed") return count;
      }
    }
  }
  return count;
}

function* bytewise(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1);
}

const Point = gob.struct("main.Point", { X: gob.int, Note: gob.string });
const Tree = gob.struct("T0", {
  get L(): gob.AnySchema & { readonly optional: true } {
    return gob.optional(Tree);
  },
  get R(): gob.AnySchema & { readonly optional: true } {
    return gob.optional(Tree);
  },
});
const Any = gob.interface(new gob.Registry().register(Point, "point"));

interface Case {
  readonly name: string;
  readonly schema: gob.AnySchema;
  readonly value: (size: number) => unknown;
}

const values: readonly Case[] = [
  { name: "ints", schema: gob.slice(gob.int), value: (n) => range(n, (i) => i * 7919) },
  { name: "bigints", schema: gob.slice(gob.uint64), value: (n) => range(n, (i) => BigInt(i) ** 3n) },
  { name: "floats", schema: gob.slice(gob.float64), value: (n) => range(n, (i) => i / 3) },
  { name: "strings", schema: gob.slice(gob.string), value: (n) => range(n, (i) => `name ${i}`) },
  { name: "wide strings", schema: gob.slice(gob.string), value: (n) => range(n, (i) => `näme ${i}`) },
  { name: "one long string", schema: gob.string, value: (n) => "ä".repeat(n * 16) },
  { name: "bytes", schema: gob.slice(gob.bytes), value: (n) => range(n, (i) => Uint8Array.of(i, 1, 2)) },
  { name: "structs", schema: gob.slice(Point), value: (n) => range(n, (i) => ({ X: i, Note: `${i}` })) },
  {
    name: "a map of strings",
    schema: gob.map(gob.string, gob.int),
    value: (n) => new Map(range(n, (i) => [`key ${i}`, i])),
  },
  {
    name: "a map of integers",
    schema: gob.map(gob.int, gob.int),
    value: (n) => new Map(range(n, (i) => [i * 65536, i])),
  },
  {
    name: "a map whose keys are all NaN",
    schema: gob.entries(gob.float64, gob.int),
    value: (n) => range(n, (i) => [Number.NaN, i]),
  },
  {
    name: "a map of interfaces",
    schema: gob.entries(Any, Any),
    value: (n) => range(n, (i) => [{ name: "point", value: { X: i, Note: "" } }, null]),
  },
  {
    name: "interface values",
    schema: gob.slice(Any),
    value: (n) => range(n, (i) => ({ name: "point", value: { X: i, Note: "n" } })),
  },
  { name: "a large integer", schema: gob.slice(gob.bigInt), value: (n) => [1n << BigInt(n * 64)] },
  { name: "times", schema: gob.slice(gob.time), value: (n) => range(n, () => gob.timeFromDate(new Date(0))) },
];

for (const { name, schema, value } of values) {
  const prepare = (size: number) => gob.encode(schema, value(size));
  const least = /long|large/.test(name) ? 0 : 0.1;
  test.serial(`cost: reading by a schema: ${name}`, async (t) => {
    await assertGrowth(t, { name, prepare, run: (bytes) => gob.decode(schema, bytes), least });
  });
  test.serial(`cost: reading without a schema: ${name}`, async (t) => {
    await assertGrowth(t, { name, prepare, run: (bytes) => gob.decodeStream(bytes), least });
  });
  test.serial(`cost: passing over: ${name}`, async (t) => {
    const Holder = gob.struct("H", { Value: schema, Last: gob.int });
    const Rest = gob.struct("H", { Last: gob.int });
    await assertGrowth(t, {
      name,
      prepare: (size) => gob.encode(Holder, { Value: value(size), Last: 1 } as gob.Infer<typeof Holder>),
      run: (bytes) => t.deepEqual(gob.decode(Rest, bytes), { Last: 1 }),
      least: 0,
    });
  });
}

/** Streams that no Go program sends, and the growth that they must not exceed. */
const streams: readonly {
  readonly name: string;
  readonly make: (size: number) => StreamWriter;
  /** Whether the way to the refusal by a schema is worth a test of its own. */
  readonly isRefusedBySchema?: boolean;
}[] = [
  {
    isRefusedBySchema: true,
    name: "map types that double at each level",
    make: (n) => doublingMaps(n).value(firstId, [0]),
  },
  {
    isRefusedBySchema: true,
    name: "structs that double at each level",
    make: (n) => doublingStructs(n).value(firstId, [0], true),
  },
  { isRefusedBySchema: true, name: "a chain of slice types", make: (n) => sliceChain(n).value(firstId, [0]) },
  { name: "a struct of many fields", make: (n) => wideStruct(n, ids.int).value(firstId, [0], true) },
  {
    name: "many small values of a struct with many fields",
    isRefusedBySchema: true,
    make: (n) => {
      const stream = wideStruct(n, ids.int);
      for (let i = 0; i < n; i++) stream.value(firstId, [0], true);
      return stream;
    },
  },
  {
    name: "a list of small values of a struct with many fields",
    isRefusedBySchema: true,
    make: (n) =>
      wideStruct(n, ids.int)
        .define(firstId + 1, { kind: "slice", elem: firstId })
        .value(firstId + 1, [...uint(n), ...new Array<number>(n).fill(0)]),
  },
  {
    name: "types and values in turn",
    make: (n) => {
      const stream = new StreamWriter();
      for (let i = 0; i < n; i++) {
        const elem = i === 0 ? ids.interface : firstId + i - 1;
        stream.define(firstId + i, { kind: "slice", elem }).value(firstId + i, [0]);
      }
      return stream;
    },
  },
  {
    name: "types with ids whose hashes collide",
    make: (n) => {
      const stream = new StreamWriter();
      for (let i = 0; i < n; i++) stream.define(2 ** 32 * (i + 1), { kind: "slice", elem: ids.int });
      for (let i = 0; i < n; i++) stream.value(2 ** 32 * (i + 1), [0]);
      return stream;
    },
  },
  {
    name: "empty structs",
    make: (n) =>
      new StreamWriter()
        .define(firstId, { kind: "struct", fields: [] }, "E")
        .define(firstId + 1, { kind: "slice", elem: firstId })
        .value(firstId + 1, [...uint(n), ...new Array<number>(n).fill(0)]),
  },
  {
    name: "strings that are not UTF-8",
    make: (n) =>
      new StreamWriter().value(ids.string, [
        ...uint(2 * n),
        ...range(2 * n, (i) => (i % 2 === 0 ? 0x61 : 0xff)),
      ]),
  },
];

for (const { name, make, isRefusedBySchema } of streams) {
  const prepare = (size: number) => make(size).bytes();
  test.serial(`cost: reading ${name}`, async (t) => {
    await assertGrowth(t, { name, prepare, run: readAll });
  });
  if (!isRefusedBySchema) continue;
  test.serial(`cost: reading ${name} by a schema that does not fit`, async (t) => {
    await assertGrowth(t, { name, prepare, run: (bytes) => readBy(Tree, [bytes]) });
  });
}

test.serial("cost: errors that leave the decoder at the next value", async (t) => {
  const Wide = gob.struct("Wide", { F0: gob.int8 });
  await assertGrowth(t, {
    name: "overflow",
    prepare: (n) => {
      const stream = wideStruct(n, ids.int);
      for (let i = 0; i < n; i++) stream.value(firstId, [1, ...uint(1000), 0], true);
      return stream.bytes();
    },
    run: (bytes) => readBy(Wide, [bytes]),
  });
});

test.serial("cost: an error deep in a value with long field names", async (t) => {
  await assertGrowth(t, {
    name: "path",
    prepare: (n) => {
      const stream = new StreamWriter();
      for (let i = 0; i < 500; i++) {
        const fields = [{ name: "F".repeat(n / 100), id: firstId + i + 1 }];
        stream.define(firstId + i, { kind: "struct", fields });
      }
      stream.define(firstId + 500, { kind: "slice", elem: ids.int });
      return stream.value(firstId, [...new Array<number>(500).fill(1), 9], true).bytes();
    },
    run: readAll,
  });
});

const bytewiseCases: readonly Case[] = [
  { name: "small messages", schema: Point, value: (n) => range(n / 4, (i) => ({ X: i, Note: "n" })) },
  { name: "one message", schema: gob.slice(gob.int), value: (n) => [range(n, (i) => i & 63)] },
  {
    name: "a value in many messages",
    schema: gob.slice(Any),
    value: (n) => [range(n / 8, (i) => ({ name: "point", value: { X: i, Note: "n" } }))],
  },
];

for (const { name, schema, value } of bytewiseCases) {
  test.serial(`cost: byte by byte: ${name}`, async (t) => {
    await assertGrowth(t, {
      name,
      prepare: (size) => {
        const encoder = new gob.Encoder();
        return Buffer.concat((value(size) as unknown[]).map((part) => encoder.encode(schema, part)));
      },
      run: (bytes) => readBy(schema, bytewise(bytes)),
    });
  });
}

test.serial("cost: byte by byte: a value that goes on in other messages deep inside it", async (t) => {
  const depth = 400;
  await assertGrowth(t, {
    name: "deep scan",
    prepare: (n) => {
      const stream = sliceChain(depth);
      // The chain's last element is an interface, whose type stands in messages of its own.
      stream.define(firstId + depth, { kind: "slice", elem: ids.interface });
      const head = new StreamWriter();
      for (let i = 0; i < depth; i++) head.define(firstId + i, { kind: "slice", elem: firstId + i + 1 });
      head.define(firstId + depth, { kind: "slice", elem: ids.interface });
      head.value(firstId, [...new Array<number>(depth).fill(1), 1, 1, 0x61]);
      const definitions = range(n / 16, (i) =>
        new StreamWriter().define(5000 + i, { kind: "slice", elem: ids.int }).bytes(),
      );
      return Buffer.concat([head.bytes(), ...definitions]);
    },
    run: (bytes) => {
      const decoder = new gob.Decoder({ limits });
      for (const chunk of bytewise(bytes)) {
        decoder.push(chunk);
        if (decoder.readAny().done) throw new Error("complete");
      }
    },
  });
});

test.serial("map keys that collide in the engine's table are refused, others are not", (t) => {
  const Ints = gob.map(gob.int, gob.int);
  const Longs = gob.map(gob.uint64, gob.int);
  const Bigs = gob.map(gob.bigInt, gob.int);
  // All with the same lowest 64 bits, which are what the engine hashes.
  const bigs = new Map(range(2000, (i) => [(BigInt(i) << 64n) | 5n, i] as const));
  t.is(t.throws<gob.GobError>(() => gob.decode(Bigs, gob.encode(Bigs, bigs)))?.code, "corrupt");
  t.is(gob.decode(gob.entries(gob.bigInt, gob.int), gob.encode(Bigs, bigs)).length, 2000);
  for (const step of [1, 7, 64, 4096, 65_536, 2 ** 20, 2 ** 32, 2 ** 37 + 2]) {
    const ints = new Map(range(3000, (i) => [i * step, i] as const));
    t.deepEqual(gob.decode(Ints, gob.encode(Ints, ints)), ints);
    const longs = new Map(range(3000, (i) => [BigInt(i) * BigInt(step), i] as const));
    t.deepEqual(gob.decode(Longs, gob.encode(Longs, longs)), longs);
  }
});
