import test from "ava";
import { generation } from "../../src/gob/generate.ts";
import * as gob from "../../src/gob/index.ts";
import { toHex } from "./hex.ts";

/** A value's bytes as an element: its stream without the length, the id and the zero byte. */
function element(schema: gob.ScalarSchema<never>, value: unknown): string {
  const bytes = gob.encode(schema, value as never);
  const [first = 0] = bytes;
  return toHex(bytes).slice(2 * (first < 0x80 ? 3 : 3 + 0x100 - first));
}

function isMadeOf(
  t: { true(value: boolean): void },
  schema: gob.AnySchema,
  values: readonly unknown[],
): void {
  const list = toHex(gob.encode(gob.slice(schema), values as never));
  t.true(list.endsWith(values.map((value) => element(schema as never, value)).join("")));
}

const long = (length: number): string => "x".repeat(length);
const stringLists: Readonly<Record<string, readonly string[]>> = {
  "short ASCII": Array.from({ length: 3000 }, (_, i) => `string-${i}`),
  "zero bytes": Array.from({ length: 200 }, (_, i) => `${i}\0${"\0".repeat(i % 7)}`),
  "empty ones": Array.from({ length: 100 }, () => ""),
  "one that is not ASCII, in each piece": Array.from({ length: 3000 }, (_, i) =>
    i % 500 === 99 ? "é" : `s${i}`,
  ),
  "none that is ASCII": Array.from({ length: 300 }, (_, i) => `ключ ${i}`),
  "lengths about 128": Array.from({ length: 200 }, (_, i) => long(30 + i)),
  "bytes that are not UTF-8": Array.from({ length: 100 }, (_, i) => `a\udc80${i}`),
};

for (const [name, values] of Object.entries(stringLists)) {
  test(`lists: strings, ${name}: each is as by itself`, (t) => {
    isMadeOf(t, gob.string, values);
    t.deepEqual(gob.decode(gob.slice(gob.string), gob.encode(gob.slice(gob.string), values as string[])), [
      ...values,
    ]);
  });
}

const powers = Array.from({ length: 53 }, (_, i) => 2 ** i).flatMap((power) => [
  power - 1,
  power,
  -power,
  -power - 1,
]);
const safe = powers.filter((value) => Number.isSafeInteger(value));

test("lists: ints of every length, in every order, are read as they were written", (t) => {
  isMadeOf(t, gob.int, safe);
  for (let from = 0; from < safe.length; from++) {
    const values = [...safe.slice(from), ...safe.slice(0, from)];
    t.deepEqual(gob.decode(gob.slice(gob.int), gob.encode(gob.slice(gob.int), values)), values);
  }
});

test("lists: floats of every length are read as they were written", (t) => {
  const values = [0, 1, -1, 0.1, 1e300, 5e-324, Number.POSITIVE_INFINITY, Number.NaN, ...safe];
  isMadeOf(t, gob.float64, values);
  for (const more of [values, [...values].reverse()]) {
    t.deepEqual(gob.decode(gob.slice(gob.float64), gob.encode(gob.slice(gob.float64), more)), more);
  }
});

test("lists: an error names the element", (t) => {
  const path = (schema: gob.AnySchema, values: readonly unknown[]): string =>
    t.throws(() => gob.encode(gob.slice(schema), values as never), { instanceOf: gob.GobError }).path;
  for (const count of [4, 40, 2000]) {
    const index = count - 2;
    const at = (value: unknown): unknown[] =>
      Array.from({ length: count }, (_, i) => (i === index ? value : i));
    t.is(path(gob.int, at(1.5)), `[${index}]`);
    t.is(path(gob.int, at(1n)), `[${index}]`);
    t.is(path(gob.float64, at("1")), `[${index}]`);
    t.is(
      path(
        gob.string,
        at(1).map((value, i) => (i === index ? value : "a")),
      ),
      `[${index}]`,
    );
  }
});

const Mixed = gob.struct("main.Mixed", {
  Flag: gob.bool,
  Int: gob.int,
  Small: gob.int8,
  Uint: gob.uint,
  Short: gob.uint16,
  Float: gob.float64,
  Text: gob.string,
  Bytes: gob.bytes,
  Texts: gob.slice(gob.string),
  Maybe: gob.optional(gob.string),
});
type Mixed = gob.Infer<typeof Mixed>;

const empty: Mixed = {
  Flag: false,
  Int: 0,
  Small: 0,
  Uint: 0,
  Short: 0,
  Float: 0,
  Text: "",
  Bytes: new Uint8Array(),
  Texts: [],
};
const texts = ["", "a", "é", "\udcff", long(63), long(64), long(65), long(127), long(128), long(300)];
const partial: readonly Partial<Mixed>[] = [
  { Flag: true },
  ...safe.map((Int) => ({ Int })),
  ...safe.filter((value) => value >= 0).map((Uint) => ({ Uint })),
  ...[-0x80, -1, 1, 0x7f].map((Small) => ({ Small })),
  ...[1, 0x7f, 0x80, 0xffff].map((Short) => ({ Short })),
  ...[-0, 2, -2, 0.1, 1.5, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, ...safe].map((Float) => ({ Float })),
  ...texts.map((Text) => ({ Text })),
  ...texts.map((Maybe) => ({ Maybe })),
  ...texts.map((text) => ({ Bytes: gob.encodeUtf8(text) })),
  ...[texts, ["a", "b"], [long(60), "ab"], [long(60), "abc"], Array.from({ length: 70 }, () => "")].map(
    (Texts) => ({ Texts }),
  ),
];

/** What `make` gives with structs written by loops: for these a schema must be new. */
function byLoops<T>(make: () => T): T {
  generation.enabled = false;
  try {
    return make();
  } finally {
    generation.enabled = true;
  }
}

test.serial(
  "lists: structs of ordinary fields have the same bytes from generated code and from loops",
  (t) => {
    const values: Mixed[] = partial.map((fields) => ({ ...empty, ...fields }));
    const encode = (): string[] => {
      const schema = gob.struct("main.Mixed", Mixed.fields);
      return [
        ...values.map((value) => toHex(gob.encode(schema, value))),
        toHex(gob.encode(gob.slice(schema), values)),
      ];
    };
    t.deepEqual(encode(), byLoops(encode));
  },
);

test.serial("lists: structs of other fields are refused alike by generated code and by loops", (t) => {
  const wrong: readonly unknown[] = [
    undefined,
    null,
    1.5,
    1n,
    "1",
    true,
    {},
    [1],
    [undefined],
    Symbol("s"),
    -1,
    2 ** 60,
  ];
  const messages = (): string[] => {
    const schema = gob.struct("main.Mixed", Mixed.fields);
    return Object.keys(empty).flatMap((name) =>
      wrong.map((value) => {
        try {
          return toHex(gob.encode(schema, { ...empty, [name]: value } as Mixed));
        } catch (error) {
          return String(error);
        }
      }),
    );
  };
  t.deepEqual(messages(), byLoops(messages));
});

test("lists: an error in a struct names the element and the field", (t) => {
  for (const index of [3, 300]) {
    const values: Mixed[] = Array.from({ length: 400 }, (_, i) =>
      i === index ? { ...empty, Int: 0.5 } : empty,
    );
    const error = t.throws(() => gob.encode(gob.slice(Mixed), values), { instanceOf: gob.GobError });
    t.is(error.path, `[${index}].Int`);
    const missing = values.map((value, i) => (i === index ? (null as never) : { ...value, Int: 1 }));
    t.is(
      t.throws(() => gob.encode(gob.slice(Mixed), missing), { instanceOf: gob.GobError }).path,
      `[${index}]`,
    );
  }
});

test("lists: outputs beside each other do not touch", (t) => {
  const encoder = new gob.Encoder();
  const outputs = Array.from({ length: 500 }, (_, i) => encoder.encode(gob.string, `${i}-${long(i * 3)}`));
  const joined = Buffer.concat(outputs);
  const decoder = new gob.Decoder();
  decoder.push(joined);
  t.deepEqual(
    [...decoder.values(gob.string)],
    outputs.map((_, i) => `${i}-${long(i * 3)}`),
  );
});

test("lists: structs that are counted but not there are refused, whoever reads", (t) => {
  const Two = gob.struct("main.Two", { A: gob.slice(gob.struct("main.One", { X: gob.int })), B: gob.int });
  const bytes = gob.encode(Two, { A: [{ X: 1 }, { X: 2 }, { X: 3 }], B: 0 });
  // ... field A, 3 elements, 01 02 00  01 04 00  01 06 00, and the end mark of Two.
  t.is(toHex(bytes.subarray(-12)), "0103010200010400010600".padEnd(24, "0"));
  // The end mark taken off, the message's length made to fit, and nine elements in place of three.
  const shortened = bytes.slice(0, -1);
  shortened[bytes.length - 15] = bytes[bytes.length - 15]! - 1;
  shortened[bytes.length - 11] = 9;
  const OnlyB = gob.struct("main.Two", { B: gob.int });
  for (const read of [
    () => gob.decode(Two, shortened),
    () => gob.decode(OnlyB, shortened),
    () => gob.decodeStream(shortened),
  ]) {
    const error = t.throws(read, { instanceOf: gob.GobError });
    t.is(error.code, "truncated");
    t.regex(error.message, /a list of 9 elements ends early/);
  }
});
