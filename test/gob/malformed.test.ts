import { readFileSync } from "node:fs";
import test from "ava";
import * as gob from "../../src/gob/index.ts";
import { Any, GobValue, Holder, Point, Scalars } from "./case-types.ts";
import { fromHex } from "./hex.ts";

interface Malformed {
  readonly name: string;
  /** The type it is decoded into, as the Go program knows it too. */
  readonly into: string;
  readonly code: gob.GobErrorCode;
  readonly hex: string;
}

const strict = gob.opaque({
  name: "main.GobValue",
  encoding: "gob",
  receiver: "value",
  codec: {
    encode: (bytes: Uint8Array) => bytes,
    decode: (bytes) => {
      if (bytes.length !== 4) throw new Error("wrong length");
      return bytes;
    },
    zero: () => new Uint8Array(4),
  },
});

const schemas: Readonly<Record<string, gob.AnySchema>> = {
  int: gob.int,
  int8: gob.int8,
  int16: gob.int16,
  int32: gob.int32,
  uint8: gob.uint8,
  uint16: gob.uint16,
  uint32: gob.uint32,
  float32: gob.float32,
  float64: gob.float64,
  complex128: gob.complex128,
  string: gob.string,
  bytes: gob.bytes,
  any: Any,
  "[]int": gob.slice(gob.int),
  "[]string": gob.slice(gob.string),
  "[]any": gob.slice(Any),
  "[3]int": gob.array(gob.int, 3),
  "map[string]int": gob.map(gob.string, gob.int),
  Point,
  Scalars,
  Holder,
  GobValue: strict,
  time: gob.time,
};

const file = new URL("../../fixtures/gob/malformed.json", import.meta.url);
const cases = JSON.parse(readFileSync(file, "utf8")) as Malformed[];

function read(schema: gob.AnySchema, bytes: Uint8Array, step: number): gob.GobError | undefined {
  const decoder = new gob.Decoder();
  try {
    for (let at = 0; at < bytes.length; at += step) {
      decoder.push(bytes.slice(at, at + step));
      if (decoder.read(schema).done) return undefined;
    }
    decoder.end();
    decoder.read(schema);
    return undefined;
  } catch (error) {
    return error as gob.GobError;
  }
}

test("malformed: there are at least 60 streams, all refused by Go", (t) => {
  t.true(cases.length >= 60);
  t.is(GobValue.type.text, strict.type.text);
});

test("malformed: each is refused for the right reason, at an offset, whole and byte by byte", (t) => {
  for (const { name, into, code, hex } of cases) {
    const bytes = fromHex(hex);
    for (const step of [bytes.length, 1]) {
      const error = read(schemas[into]!, bytes, step);
      t.true(error instanceof gob.GobError, `${name}: ${String(error)}`);
      t.is(error?.code, code, `${name}: ${error?.message}`);
      t.true(error?.offset !== undefined && error.offset <= bytes.length, `${name}: ${error?.message}`);
    }
  }
});

test("malformed: without a schema each is refused, or read where only the type did not fit", (t) => {
  const aboutTheType = new Set(["type-mismatch", "overflow", "codec", "not-registered"]);
  for (const { name, code, hex } of cases) {
    try {
      gob.decodeStream(fromHex(hex)).map(gob.toJsonLine);
      t.true(aboutTheType.has(code), name);
    } catch (error) {
      t.true(error instanceof gob.GobError, `${name}: ${String(error)}`);
    }
  }
});

test("malformed: none makes memory grow by 64 MiB", (t) => {
  const before = process.resourceUsage().maxRSS;
  for (let round = 0; round < 3; round++) {
    for (const { into, hex } of cases) read(schemas[into]!, fromHex(hex), hex.length);
  }
  t.true(process.resourceUsage().maxRSS - before < 64 * 1024);
});
