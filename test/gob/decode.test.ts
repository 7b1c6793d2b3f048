import { Readable } from "node:stream";
import test from "ava";
import * as gob from "../../src/gob/index.ts";
import { fromHex } from "./hex.ts";

const Point = gob.struct("main.Point", { X: gob.int, Y: gob.int });
const points = [1, 2, 3].map((n) => ({ X: n, Y: -n }));
const stream = (() => {
  const encoder = new gob.Encoder();
  return points.map((point) => encoder.encode(Point, point));
})();

test("decode: fields go by name, missing ones are zero, others are passed over", (t) => {
  const Sent = gob.struct("main.T", {
    Extra: gob.slice(gob.map(gob.string, Point)),
    B: gob.string,
    Any: gob.interface(),
    A: gob.int,
  });
  const Wanted = gob.struct("main.T", {
    A: gob.int,
    New: gob.slice(gob.int),
    Opt: gob.optional(gob.int),
    B: gob.string,
  });
  const bytes = gob.encode(Sent, {
    Extra: [new Map([["k", points[0]!]])],
    B: "b",
    Any: { name: "[]string", value: ["x"] },
    A: 7,
  });
  t.deepEqual(gob.decode(Wanted, bytes), { A: 7, New: [], B: "b" });
});

test("decode: an error of the schema leaves the decoder at the next value", (t) => {
  const encoder = new gob.Encoder();
  const decoder = new gob.Decoder();
  decoder.push(encoder.encodeAll([gob.int, gob.int, gob.int], [1, 300, 3]));
  t.is(decoder.read(gob.int8).done, true);
  t.throws(() => decoder.read(gob.int8), { code: "overflow" });
  t.deepEqual(decoder.read(gob.int8), { done: true, value: 3 });
});

test("decode: an error of the bytes ends the decoder", (t) => {
  const decoder = new gob.Decoder();
  decoder.push(fromHex("00 03040002"));
  t.throws(() => decoder.read(gob.int), { code: "corrupt" });
  t.throws(() => decoder.read(gob.int), { code: "failed" });
});

test("decode: an overflow names the field's path and the offset", (t) => {
  const Wide = gob.struct("main.T", { L: gob.slice(gob.struct("main.P", { N: gob.int })) });
  const Narrow = gob.struct("main.T", { L: gob.slice(gob.struct("main.P", { N: gob.int8 })) });
  const bytes = gob.encode(Wide, { L: [{ N: 1 }, { N: 1000 }] });
  const error = t.throws<gob.GobError>(() => gob.decode(Narrow, bytes));
  t.is(error?.path, "L[1].N");
  t.is(error?.code, "overflow");
  t.true(error!.offset! > 0 && error!.offset! <= bytes.length);
});

test("decode: bytes after the value are an error unless allowed", (t) => {
  const bytes = new Uint8Array([...gob.encode(gob.int, 5), 0]);
  t.throws(() => gob.decode(gob.int, bytes), { code: "corrupt" });
  t.is(gob.decode(gob.int, bytes, { allowMore: true }), 5);
});

test("decode: what Go takes, too: no end mark before the end of a message, bytes after a value in it", (t) => {
  const definition = gob.encode(Point, { X: 0, Y: 0 }).slice(0, -4);
  t.deepEqual(gob.decode(Point, new Uint8Array([...definition, 4, 0xff, 0x82, 1, 2])), { X: 1, Y: 0 });
  t.is(gob.decode(gob.int, fromHex("05040002ffff")), 1);
});

test("decode: results do not share the input", (t) => {
  const bytes = gob.encode(gob.bytes, new Uint8Array([1, 2, 3]));
  const value = gob.decode(gob.bytes, bytes);
  bytes.fill(0);
  t.deepEqual(value, new Uint8Array([1, 2, 3]));
});

test("decode: limits hold", (t) => {
  const List: gob.AnySchema = gob.named("main.L", gob.slice(gob.lazy(() => List)));
  let deep: unknown[] = [];
  for (let i = 0; i < 1500; i++) deep = [deep];
  const nested = gob.encode(List, deep);
  t.throws(() => gob.decode(List, nested), { code: "nesting-too-deep" });
  t.throws(() => gob.decodeStream(nested), { code: "nesting-too-deep" });
  t.notThrows(() => gob.decode(List, nested, { limits: { nesting: 2000 } }));
  const many = gob.encode(gob.slice(gob.int), new Array(100).fill(1));
  t.throws(() => gob.decode(gob.slice(gob.int), many, { limits: { elements: 99 } }), {
    code: "too-many-elements",
  });
  t.throws(() => gob.decode(gob.slice(gob.int), many, { limits: { messageBytes: 50 } }), {
    code: "message-too-large",
  });
  t.throws(() => gob.decode(Point, stream[0]!, { limits: { types: 0 } }), { code: "too-many-types" });
});

test("decode: a hundred thousand levels are an error and no crash", (t) => {
  const List: gob.AnySchema = gob.named("main.L", gob.slice(gob.lazy(() => List)));
  const depth = 100_000;
  const body = new Uint8Array(3 + depth).fill(1);
  body.set([0xff, 0x82, 0]);
  body[body.length - 1] = 0;
  const head = gob.encode(List, []).slice(0, -5);
  const bytes = new Uint8Array([
    ...head,
    0xfd,
    body.length >> 16,
    (body.length >> 8) & 0xff,
    body.length & 0xff,
    ...body,
  ]);
  const limits = { nesting: Number.POSITIVE_INFINITY };
  t.throws(() => gob.decode(List, bytes, { limits }), { code: "nesting-too-deep" });
  t.throws(() => gob.decodeStream(bytes, { limits }), { code: "nesting-too-deep" });
});

test("decode: Node streams, web streams and arrays of chunks give the same values", async (t) => {
  const collect = async (source: gob.ByteSource): Promise<unknown[]> => {
    const values: unknown[] = [];
    for await (const value of gob.readValues(Point, source)) values.push(value);
    return values;
  };
  t.deepEqual(await collect(stream), points);
  t.deepEqual(await collect(Readable.from(stream)), points);
  t.deepEqual(await collect(new Blob(stream as Uint8Array<ArrayBuffer>[]).stream()), points);
  const cut = stream.slice(0, 2).concat(stream[2]!.slice(0, -1));
  await t.throwsAsync(collect(cut), { code: "truncated" });
  const types: string[] = [];
  for await (const { type } of gob.readAnyValues(stream)) types.push(type.text);
  t.deepEqual(types, ["Point", "Point", "Point"]);
});

test("decode: time grows no faster than the bytes when a value goes on in many messages", (t) => {
  // Each element brings a type of its own, so each is a message; the first is long.
  const registry = new gob.Registry();
  const Any = gob.interface(registry);
  const values: unknown[] = [{ name: "string", value: "x".repeat(2_000_000) }];
  for (let i = 0; i < 1500; i++) {
    registry.register(gob.struct(`main.T${i}`, { A: gob.int }));
    values.push({ name: `main.T${i}`, value: { A: i } });
  }
  const bytes = gob.encode(gob.slice(Any), values as never);
  const decoder = new gob.Decoder();
  const start = performance.now();
  let value: unknown;
  for (let at = 0; at < bytes.length; at += at < 2_000_000 ? 100_000 : 20) {
    decoder.push(bytes.slice(at, at + (at < 2_000_000 ? 100_000 : 20)));
    const result = decoder.readAny();
    if (result.done) value = result.value.value;
  }
  t.is((value as unknown[]).length, values.length);
  t.true(performance.now() - start < 5000);
});

test("decode: field names of strangers do not mix up what was compiled for others", (t) => {
  const Wanted = gob.struct("main.T", { A: gob.int, B: gob.int });
  const Two = gob.struct("main.T", { X: gob.int, A: gob.int });
  const One = gob.struct("main.T", { "X,A": gob.int, B: gob.int });
  t.deepEqual(gob.decode(Wanted, gob.encode(Two, { X: 1, A: 2 })), { A: 2, B: 0 });
  t.deepEqual(gob.decode(Wanted, gob.encode(One, { "X,A": 1, B: 3 })), { A: 0, B: 3 });
  const hostile = 'B: 0 }; throw 1; //"`$\u2028';
  const Odd = gob.struct("main.T", { [hostile]: gob.int, A: gob.int });
  t.deepEqual(gob.decode(Odd, gob.encode(Odd, { [hostile]: 5, A: 6 })), { [hostile]: 5, A: 6 });
});
