import test from "ava";
import { transformSync } from "esbuild";
import fc from "fast-check";
import * as gob from "../../src/gob/index.ts";
import { doublingMaps, firstId, ids, StreamWriter, uint } from "./type-streams.ts";

const bidi = "\u202e";

function structOf(names: readonly string[], typeName = "Config"): Uint8Array {
  const fields = names.map((name) => ({ name, id: ids.int }));
  return new StreamWriter()
    .define(firstId, { kind: "struct", fields }, typeName)
    .value(firstId, [1, 2, 0], true)
    .bytes();
}

async function sources(bytes: Uint8Array): Promise<{ go: string; ts: string }> {
  const types = await gob.collectTypes([bytes]);
  return { go: gob.toGoDeclarations(types), ts: gob.toSchemaSource(types) };
}

/** The schemas that a TypeScript source exports. */
function exportsOf(source: string): Record<string, gob.Schema> {
  const { code } = transformSync(source, { loader: "ts", format: "cjs" });
  const module = { exports: {} };
  new Function("module", "exports", "require", code)(module, module.exports, () => gob);
  return module.exports as Record<string, gob.Schema>;
}

test("hostile types: code in a field's name does not get into Go source", async (t) => {
  const { go } = await sources(
    structOf(["A int64\n}\n\nfunc init() { println() }\n\ntype Rest struct {\n\tB", "Good"]),
  );
  t.is(
    go,
    `// Top-level values: Config

type Config struct {
	// left out: a field named A\\u{20}int64\\u{a}\\u{7d}\\u{a}\\u{a}func\\u{20}init\\u{28}\\u{29}\\u{20}\\u{7b}\\u{20}println\\u{28}\\u{29}\\u{20}\\u{7d}\\u{a}\\u{a}type\\u{20}Rest\\u{20}struct\\u{20}\\u{7b}\\u{a}\\u{9}B
	Good int64
}
`,
  );
});

test("hostile types: whatever the names, Go source has the lines that the types ask for, and nothing else", async (t) => {
  const name = fc.oneof(
    fc.string({ unit: "binary", minLength: 1 }),
    fc.constantFrom(
      "__proto__",
      "A",
      "*/",
      "//",
      "`",
      '"',
      "\n",
      "\u2028",
      bidi,
      "init",
      "type X",
      "_",
      "Ünï",
    ),
    fc
      .array(fc.constantFrom("A", "\n", "}", "func init()", "*/", "\u2028", bidi), { minLength: 1 })
      .map((parts) => parts.join("")),
  );
  const line =
    /^(|\/\/ Top-level values: [\p{L}\p{Nd}_]+|type [\p{L}\p{Nd}_]+ struct(\{\}| \{)|\}|\t\/\/ left out: a field named [\p{L}\p{Nd}_\\{}…]*|\t\p{Lu}[\p{L}\p{Nd}_]* +int64)$/u;
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 5 }), name, async (fields, typeName) => {
      const { go, ts } = await sources(structOf(fields, typeName));
      for (const text of go.split("\n")) if (!line.test(text)) return false;
      // The source is valid, has one struct, and reads what was sent.
      const struct = Object.values(exportsOf(ts))[0] as unknown as { fields: object };
      const names = Object.keys(struct.fields);
      return fields.length === names.length && fields.every((field) => names.includes(fromGob(field)));
    }),
    { numRuns: 300 },
  );
  t.pass();
});

/** Strings as they come out of gob: lone surrogates that carry no byte become U+FFFD. */
function fromGob(text: string): string {
  return gob.decodeUtf8(gob.encodeUtf8(text));
}

test("hostile types: a field called __proto__ is a field of the schema", async (t) => {
  const bytes = structOf(["__proto__", "Other"]);
  const { ts } = await sources(bytes);
  const { Config } = exportsOf(ts);
  t.deepEqual(Object.keys((Config as unknown as { fields: object }).fields), ["__proto__", "Other"]);
  const value = gob.decode(Config!, bytes) as object;
  t.true(Object.hasOwn(value, "__proto__"));
  t.is((value as Record<string, unknown>).Other, 0n);
});

test("hostile types: two types of the name of a keyword, a global and each other are told apart", async (t) => {
  const stream = new StreamWriter();
  const names = ["string", "number", "any", "gob", "Map", "_", "Same", "Same", "Same2", "Same"];
  for (const [index, name] of names.entries()) {
    stream.define(firstId + index, { kind: "struct", fields: [{ name: "A", id: ids.int }] }, name);
  }
  const { ts } = await sources(stream.bytes());
  t.deepEqual(Object.keys(exportsOf(ts)).sort(), [
    "Map2",
    "Same",
    "Same2",
    "Same22",
    "Same3",
    "_",
    "any2",
    "gob2",
    "number2",
    "string2",
  ]);
});

test("hostile types: names under which interfaces hold types are escaped", async (t) => {
  const holder = { kind: "struct", fields: [{ name: "Any", id: ids.interface }] } as const;
  const name = Buffer.from(`a*/\n\u2028${bidi}"b`);
  const bytes = new StreamWriter()
    .define(firstId, holder, "Holder")
    .define(firstId + 1, { kind: "struct", fields: [] }, "In")
    .value(firstId, [1, ...uint(name.length), ...name, ...uint(2 * (firstId + 1)), 1, 0, 0], true)
    .bytes();
  const { go, ts } = await sources(bytes);
  t.true(go.includes('// Registered as "a*/\\n\\u2028\\u202e\\"b": In\n'));
  t.true(ts.includes('registry.register(In, "a*/\\n\\u2028\\u202e\\"b");\n'));
  t.is(
    gob.toJsonLine(gob.decodeStream(bytes)[0]!),
    '{"type":"Holder","value":{"Any":{"$type":"a*/\\n\\u2028\\u202e\\"b","value":{}}}}',
  );
});

test("hostile types: what cannot be seen is escaped in lines of JSON and in errors", (t) => {
  const bytes = structOf([`\u009b2J${bidi}`], `\u001b[2J\n${bidi}`);
  t.is(
    gob.toJsonLine(gob.decodeStream(bytes)[0]!),
    '{"type":"\\\\u001b[2J\\\\u000a\\\\u202e","value":{"\\u009b2J\\u202e":1}}',
  );
  const mismatch = t.throws<gob.GobError>(() => gob.decode(gob.string, bytes));
  t.true(mismatch?.message.startsWith("gob: cannot decode \\u001b[2J\\u000a\\u202e as string (at byte "));
  const truncated = t.throws<gob.GobError>(() => gob.decodeStream(bytes.with(-3, 3).subarray(0, -2)));
  t.notRegex(String(truncated?.message), /\p{C}/u);
});

test("hostile types: an error's path and text are bounded", (t) => {
  const stream = new StreamWriter();
  for (let i = 0; i < 200; i++) {
    const fields = [{ name: "F".repeat(5000), id: i === 199 ? ids.bool : firstId + i + 1 }];
    stream.define(firstId + i, { kind: "struct", fields }, "N".repeat(5000));
  }
  const bytes = stream.value(firstId, [...new Array<number>(200).fill(1), 0xf0], true).bytes();
  const error = t.throws<gob.GobError>(() => gob.decodeStream(bytes));
  t.is(error?.code, "corrupt");
  t.true(error!.path.length <= 1100 && error!.message.length <= 5000);
  const mismatch = t.throws<gob.GobError>(() => gob.decode(gob.int, bytes));
  t.true(mismatch!.message.length <= 1000);
});

test("hostile types: a type's text ends after 256 characters", (t) => {
  const { type } = gob.decodeStream(doublingMaps(100).value(firstId, [0]).bytes())[0]!;
  t.is(type.text.length, 256);
  t.true(type.text.startsWith("map[map[map["));
  t.true(type.text.endsWith("…"));
});

test("hostile types: parts that were never defined are named in source", async (t) => {
  const fields = [
    { name: "A", id: 999 },
    { name: "B", id: ids.int },
  ];
  const { go, ts } = await sources(
    new StreamWriter()
      .define(firstId, { kind: "struct", fields }, "S")
      .define(firstId + 1, { kind: "slice", elem: 998 }, "L")
      .bytes(),
  );
  t.true(go.includes("\tA struct{} /* type 999 was never defined */\n\tB int64\n"));
  t.true(go.includes("type L []struct{} /* type 998 was never defined */\n"));
  t.deepEqual(Object.keys(exportsOf(ts)).sort(), ["L", "S"]);
});

test("hostile types: the streams that once stopped a peer", async (t) => {
  const graph = new StreamWriter();
  doublingMaps(60, graph).value(firstId, [0]);
  const { go, ts } = await sources(graph.bytes());
  t.true(go.length < 10_000 && ts.length < 10_000);
});

const limited: readonly {
  name: string;
  limits: Partial<gob.Limits>;
  bytes: Uint8Array;
  code: gob.GobErrorCode;
}[] = [
  {
    name: "memory of empty structs",
    limits: { memoryBytes: 1_000_000 },
    bytes: new StreamWriter()
      .define(firstId, { kind: "struct", fields: [] }, "E")
      .define(firstId + 1, { kind: "slice", elem: firstId })
      .value(firstId + 1, [...uint(5000), ...new Array<number>(5000).fill(0)])
      .bytes(),
    code: "value-too-large",
  },
  {
    name: "memory of integers in lists in lists",
    limits: { memoryBytes: 100_000 },
    bytes: new StreamWriter()
      .define(firstId, { kind: "slice", elem: ids.int })
      .define(firstId + 1, { kind: "slice", elem: firstId })
      .value(firstId + 1, [
        50,
        ...Array.from({ length: 50 }, () => [50, ...new Array<number>(50).fill(2)]).flat(),
      ])
      .bytes(),
    code: "value-too-large",
  },
  {
    name: "memory of structs with a field",
    limits: { memoryBytes: 20_000 },
    bytes: new StreamWriter()
      .define(firstId, { kind: "struct", fields: [{ name: "A", id: firstId }] }, "E")
      .value(firstId, [...new Array<number>(100).fill(1), ...new Array<number>(100).fill(0)], true)
      .bytes(),
    code: "value-too-large",
  },
  {
    name: "bytes of type definitions",
    limits: { typeBytes: 1000 },
    bytes: structOf(["A".repeat(600), "B".repeat(600)]),
    code: "too-many-types",
  },
];

for (const { name, limits, bytes, code } of limited) {
  test(`hostile types: the limit on ${name}`, (t) => {
    t.is(t.throws<gob.GobError>(() => gob.decodeStream(bytes, { limits }))?.code, code);
    t.notThrows(() => gob.decodeStream(bytes));
  });
}

test("hostile types: the memory of what a schema makes of its input is limited", (t) => {
  const fields = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [`M${i}`, gob.map(gob.string, gob.int)]),
  );
  const Fat = gob.slice(gob.struct("main.Fat", fields));
  const definition = { kind: "struct", fields: [{ name: "M0", id: firstId + 2 }] } as const;
  const bytes = new StreamWriter()
    .define(firstId + 2, { kind: "map", key: ids.string, elem: ids.int })
    .define(firstId, definition, "Fat")
    .define(firstId + 1, { kind: "slice", elem: firstId })
    .value(firstId + 1, [...uint(100_000), ...new Array<number>(100_000).fill(0)])
    .bytes();
  t.is(t.throws<gob.GobError>(() => gob.decode(Fat, bytes))?.code, "value-too-large");
});

test("hostile types: what is pushed after a failure is not kept", (t) => {
  const decoder = new gob.Decoder();
  decoder.push(Uint8Array.of(0));
  t.is(t.throws<gob.GobError>(() => decoder.readAny())?.code, "corrupt");
  const before = decoder.offset;
  decoder.push(new Uint8Array(100));
  t.is(t.throws<gob.GobError>(() => decoder.readAny())?.code, "failed");
  t.is(decoder.offset, before);
});

test("hostile types: no more than 10,000 names of interface values are collected", async (t) => {
  const count = 10_001;
  const values = Array.from({ length: count }, (_, i) => {
    const name = Buffer.from(`n${i}`);
    return [...uint(name.length), ...name, 2 * ids.int, 2, 0, 2];
  });
  const bytes = new StreamWriter()
    .define(firstId, { kind: "slice", elem: ids.interface })
    .value(firstId, [...uint(count), ...values.flat()])
    .bytes();
  const { registered, error } = await gob.collectTypes([bytes]);
  t.is(error, undefined);
  t.is(registered.size, 10_000);
});

test("hostile types: identifiers end after 64 characters, and keys of JSON after 1 KiB", async (t) => {
  const bytes = structOf([`F${"f".repeat(2000)}`, "Short"], "N".repeat(2000));
  const { go } = await sources(bytes);
  t.true(go.includes(`type ${"N".repeat(64)} struct {\n\t// left out: a field named F`));
  const { value } = JSON.parse(gob.toJsonLine(gob.decodeStream(bytes)[0]!)) as { value: object };
  t.deepEqual(Object.keys(value), [`F${"f".repeat(1023)}…0`]);
});
