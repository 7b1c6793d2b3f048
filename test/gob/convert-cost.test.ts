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

// How the work of showing and converting what a stream holds grows with the stream.

const limits = { types: 1_000_000, typeBytes: 2 ** 30 };

function manyTypes(size: number, define: (stream: StreamWriter, index: number) => void): StreamWriter {
  const stream = new StreamWriter();
  for (let i = 0; i < size; i++) define(stream, i);
  return stream;
}

const oneField = { kind: "struct", fields: [{ name: "A", id: ids.int }] } as const;

const graphs: readonly { readonly name: string; readonly make: (size: number) => StreamWriter }[] = [
  { name: "map types that double at each level", make: doublingMaps },
  { name: "structs that double at each level", make: doublingStructs },
  { name: "a chain of slice types", make: sliceChain },
  { name: "a struct of many fields", make: (n) => wideStruct(n, ids.string) },
  { name: "types of one name", make: (n) => manyTypes(n, (s, i) => s.define(firstId + i, oneField, "Same")) },
  {
    name: "types whose names are those that others get",
    make: (n) => manyTypes(n, (s, i) => s.define(firstId + i, oneField, i % 2 === 0 ? "A" : `A${i}`)),
  },
  {
    name: "structs in a circle",
    make: (n) =>
      manyTypes(n, (s, i) => {
        const next = firstId + ((i + 1) % n);
        s.define(firstId + i, { kind: "struct", fields: [{ name: "Next", id: next }] }, `T${i}`);
      }),
  },
  {
    name: "slices in a circle",
    make: (n) =>
      manyTypes(n, (s, i) => s.define(firstId + i, { kind: "slice", elem: firstId + ((i + 1) % n) })),
  },
  {
    name: "a struct with one long field name and many short ones",
    make: (n) => {
      const fields = Array.from({ length: n }, (_, i) => ({ name: `F${i}`, id: ids.int }));
      fields.push({ name: "L".repeat(n), id: ids.int });
      return new StreamWriter().define(firstId, { kind: "struct", fields }, "S");
    },
  },
  {
    name: "a type with a long name that is used often",
    make: (n) => {
      const fields = Array.from({ length: n }, (_, i) => ({ name: `F${i}`, id: firstId }));
      return new StreamWriter()
        .define(firstId, oneField, "N".repeat(n))
        .define(firstId + 1, { kind: "struct", fields }, "S");
    },
  },
];

for (const { name, make } of graphs) {
  test.serial(`cost: Go and TypeScript source of ${name}`, async (t) => {
    await assertGrowth(t, {
      name,
      prepare: (size) => [make(size).value(ids.int, [2]).bytes()],
      run: async (source) => {
        const types = await gob.collectTypes(source, { limits });
        t.is(types.error, undefined);
        return [gob.toGoDeclarations(types), gob.toSchemaSource(types)];
      },
    });
  });
}

test.serial("cost: source stays within a fixed multiple of the stream", async (t) => {
  for (const { name, make } of graphs) {
    const bytes = make(5000).value(ids.int, [2]).bytes();
    const types = await gob.collectTypes([bytes], { limits });
    t.true(gob.toGoDeclarations(types).length < 40 * bytes.length, name);
    t.true(gob.toSchemaSource(types).length < 40 * bytes.length, name);
  }
});

test.serial("cost: types of a stream with many values and types in turn", async (t) => {
  await assertGrowth(t, {
    name: "collect",
    prepare: (n) => [
      manyTypes(n, (s, i) =>
        s.define(firstId + i, oneField, "T").value(firstId + i, [1, 2, 0], true),
      ).bytes(),
    ],
    run: (source) => gob.collectTypes(source, { limits }),
  });
});

const values: readonly { readonly name: string; readonly make: (size: number) => StreamWriter }[] = [
  {
    name: "many values of a struct with many fields",
    make: (n) => {
      const stream = wideStruct(n, ids.int);
      for (let i = 0; i < n; i++) stream.value(firstId, [1, 2, 0], true);
      return stream;
    },
  },
  {
    name: "a list of structs with many fields",
    make: (n) => {
      const elements = Array.from({ length: n }, () => [1, 2, 0]).flat();
      return wideStruct(n, ids.int)
        .define(firstId + 1, { kind: "slice", elem: firstId })
        .value(firstId + 1, [...uint(n), ...elements]);
    },
  },
  {
    name: "a long string deep in a value",
    make: (n) => {
      const depth = 900;
      const stream = new StreamWriter();
      for (let i = 0; i < depth; i++) {
        stream.define(firstId + i, { kind: "slice", elem: i === depth - 1 ? ids.string : firstId + i + 1 });
      }
      const text = new Array<number>(n * 16).fill(0x61);
      return stream.value(firstId, [...new Array<number>(depth).fill(1), ...uint(text.length), ...text]);
    },
  },
  {
    name: "many elements deep in a value",
    make: (n) => {
      const depth = 900;
      const content = [...new Array<number>(depth - 1).fill(1), ...uint(n), ...new Array<number>(n).fill(2)];
      return sliceChain(depth).value(firstId, content);
    },
  },
  {
    name: "many values of a type with a long text",
    make: (n) => {
      const stream = doublingMaps(60);
      for (let i = 0; i < n; i++) stream.value(firstId, [0]);
      return stream;
    },
  },
];

for (const { name, make } of values) {
  const prepare = (size: number) => gob.decodeStream(make(size).bytes(), { limits });
  const least = name.includes("deep") ? 0 : 0.5;
  test.serial(`cost: JSON of ${name}`, async (t) => {
    await assertGrowth(t, { name, prepare, run: (stream) => stream.map(gob.toJsonLine), least });
  });
  test.serial(`cost: encoding again ${name}`, async (t) => {
    await assertGrowth(t, { name, prepare, run: gob.encodeStream, least });
  });
}
