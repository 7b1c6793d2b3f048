import { builtinIds } from "./definition.ts";
import { GobError } from "./errors.ts";
import { basicType, type GoKind, type GoType } from "./go-type.ts";
import { intPut, type PutFunction, putBool, putBytes, putString, putStrings, uintPut } from "./put.ts";
import { readInts, readStrings } from "./read-lists.ts";
import type { Reader } from "./reader.ts";
import {
  type ReadFunction,
  Schema,
  unexpectedValue,
  type WriteFieldFunction,
  type WriteFunction,
  type WriteManyFunction,
} from "./schema.ts";
import type { WireTypes } from "./wire-types.ts";
import { writeInts, writeStrings } from "./write-lists.ts";

/** The reading and writing of one scalar kind; every scalar schema is one of these under a Go type. */
export interface ScalarCodec<T> {
  readonly builtin: keyof typeof builtinIds;
  readonly read: ReadFunction<T>;
  readonly write: WriteFunction<T>;
  readonly writeField: WriteFieldFunction<T>;
  /** The fast way to write ordinary values as a field. */
  readonly put?: PutFunction<T> | undefined;
  /** The same for a slice of them. */
  readonly putList?: PutFunction<readonly T[]> | undefined;
  readonly zero: () => T;
  /** Reads a list of elements, where that has a faster way than one by one. */
  readonly readMany?: ((reader: Reader, count: number) => T[]) | undefined;
  /** Writes elements of a list, where that has a faster way than one by one. */
  readonly writeMany?: WriteManyFunction<T> | undefined;
}

/** Small integers and booleans lie in the place that refers to them; floats in a list do, too. */
const footprints: Readonly<Record<keyof typeof builtinIds, number>> = {
  bool: 0,
  int: 0,
  uint: 0,
  float: 8,
  bytes: 112,
  string: 32,
  complex: 48,
  interface: 48,
};

/** A schema of a scalar, a string or bytes. */
export class ScalarSchema<T> extends Schema<T> {
  readonly type: GoType;
  /** @internal */
  readonly codec: ScalarCodec<T>;
  override readonly builtinId: number;

  constructor(type: GoType, codec: ScalarCodec<T>) {
    super();
    this.type = type;
    this.codec = codec;
    this.builtinId = builtinIds[codec.builtin];
  }

  override zero(): T {
    return this.codec.zero();
  }

  override get footprint(): number {
    return typeof this.codec.zero() === "bigint" ? 32 : footprints[this.codec.builtin];
  }

  protected override compileWrite(): WriteFunction {
    return this.codec.write as WriteFunction;
  }

  protected override compileWriteField(): WriteFieldFunction {
    return this.codec.writeField as WriteFieldFunction;
  }

  override get writeMany(): WriteManyFunction | undefined {
    return this.codec.writeMany as WriteManyFunction | undefined;
  }

  override get put(): PutFunction | undefined {
    return this.codec.put as PutFunction | undefined;
  }

  override directRead(id: number): ReadFunction | undefined {
    return id === this.builtinId ? this.codec.read : undefined;
  }

  override compileRead(wire: WireTypes, id: number): ReadFunction {
    wire.expect(this, id, this.codec.builtin);
    return this.codec.read;
  }
}

function overflow(value: number | bigint, kind: string): GobError {
  return new GobError("overflow", `${value} is out of range for ${kind}`);
}

/** The codec of a signed integer as a number. */
export function intCodec(kind: string, lowest: number, highest: number): ScalarCodec<number> {
  const narrow = lowest !== Number.MIN_SAFE_INTEGER;
  const check = (value: number): void => {
    if (typeof value !== "number") throw unexpectedValue("a number", value);
    if (!(value >= lowest && value <= highest) || !Number.isInteger(value)) throw overflow(value, kind);
  };
  return {
    builtin: "int",
    zero: () => 0,
    read: narrow
      ? (reader) => {
          const value = reader.int();
          if (value < lowest || value > highest) throw overflow(value, kind).at(reader.offset);
          return value;
        }
      : (reader) => reader.int(),
    readMany: narrow ? undefined : readInts,
    writeMany: narrow ? undefined : writeInts,
    put: intPut(lowest, highest),
    write: (writer, value) => {
      check(value);
      writer.int(value);
    },
    writeField: (writer, value, delta) => {
      if (value === 0) return false;
      check(value);
      writer.uint(delta);
      writer.int(value);
      return true;
    },
  };
}

/** The codec of an unsigned integer as a number. */
export function uintCodec(kind: string, highest: number): ScalarCodec<number> {
  const narrow = highest !== Number.MAX_SAFE_INTEGER;
  const check = (value: number): void => {
    if (typeof value !== "number") throw unexpectedValue("a number", value);
    if (!(value >= 0 && value <= highest) || !Number.isInteger(value)) throw overflow(value, kind);
  };
  return {
    builtin: "uint",
    zero: () => 0,
    read: narrow
      ? (reader) => {
          const value = reader.uint();
          if (value > highest) throw overflow(value, kind).at(reader.offset);
          return value;
        }
      : (reader) => reader.uint(),
    put: uintPut(highest),
    write: (writer, value) => {
      check(value);
      writer.uint(value);
    },
    writeField: (writer, value, delta) => {
      if (value === 0) return false;
      check(value);
      writer.uint(delta);
      writer.uint(value);
      return true;
    },
  };
}

/** The codec of a signed integer as a bigint. */
export function bigIntCodec(kind: string, bits: number): ScalarCodec<bigint> {
  const lowest = -(1n << BigInt(bits - 1));
  const highest = -lowest - 1n;
  const check = (value: bigint): void => {
    if (typeof value !== "bigint") throw unexpectedValue("a bigint", value);
    if (value < lowest || value > highest) throw overflow(value, kind);
  };
  return {
    builtin: "int",
    zero: () => 0n,
    read: (reader) => {
      const value = reader.bigInt();
      if (bits < 64 && (value < lowest || value > highest)) throw overflow(value, kind).at(reader.offset);
      return value;
    },
    write: (writer, value) => {
      check(value);
      writer.bigInt(value);
    },
    writeField: (writer, value, delta) => {
      if (value === 0n) return false;
      check(value);
      writer.uint(delta);
      writer.bigInt(value);
      return true;
    },
  };
}

/** The codec of an unsigned integer as a bigint. */
export function bigUintCodec(kind: string, bits: number): ScalarCodec<bigint> {
  const highest = (1n << BigInt(bits)) - 1n;
  const check = (value: bigint): void => {
    if (typeof value !== "bigint") throw unexpectedValue("a bigint", value);
    if (value < 0n || value > highest) throw overflow(value, kind);
  };
  return {
    builtin: "uint",
    zero: () => 0n,
    read: (reader) => {
      const value = reader.bigUint();
      if (bits < 64 && value > highest) throw overflow(value, kind).at(reader.offset);
      return value;
    },
    write: (writer, value) => {
      check(value);
      writer.bigUint(value);
    },
    writeField: (writer, value, delta) => {
      if (value === 0n) return false;
      check(value);
      writer.uint(delta);
      writer.bigUint(value);
      return true;
    },
  };
}

const boolCodec: ScalarCodec<boolean> = {
  builtin: "bool",
  zero: () => false,
  put: putBool,
  read: (reader) => reader.uint() !== 0,
  write: (writer, value) => {
    if (typeof value !== "boolean") throw unexpectedValue("a boolean", value);
    writer.byte(value ? 1 : 0);
  },
  writeField: (writer, value, delta) => {
    if (value === false) return false;
    if (value !== true) throw unexpectedValue("a boolean", value);
    if (delta < 0x80) {
      writer.pair(delta, 1);
    } else {
      writer.uint(delta);
      writer.byte(1);
    }
    return true;
  },
};

const stringCodec: ScalarCodec<string> = {
  builtin: "string",
  zero: () => "",
  put: putString,
  putList: putStrings,
  read: (reader) => reader.string(),
  readMany: readStrings,
  writeMany: writeStrings,
  write: (writer, value) => {
    if (typeof value !== "string") throw unexpectedValue("a string", value);
    writer.string(value);
  },
  writeField: (writer, value, delta) => {
    if (value === "") return false;
    if (typeof value !== "string") throw unexpectedValue("a string", value);
    writer.uint(delta);
    writer.string(value);
    return true;
  },
};

const bytesCodec: ScalarCodec<Uint8Array> = {
  builtin: "bytes",
  zero: () => new Uint8Array(0),
  put: putBytes,
  read: (reader) => reader.bytes(),
  write: (writer, value) => {
    if (!(value instanceof Uint8Array)) throw unexpectedValue("a Uint8Array", value);
    writer.bytes(value);
  },
  writeField: (writer, value, delta) => {
    if (!(value instanceof Uint8Array)) throw unexpectedValue("a Uint8Array", value);
    if (value.length === 0) return false;
    writer.uint(delta);
    writer.bytes(value);
    return true;
  },
};

function scalar<T>(kind: GoKind, codec: ScalarCodec<T>): ScalarSchema<T> {
  return new ScalarSchema(basicType(kind), codec);
}

/** Go's `bool`. */
export const bool = scalar("bool", boolCodec);
/** Go's `int` as a number; beyond 2^53-1 an error `overflow`. As a bigint: `gob.bigint(gob.int)`. */
export const int = scalar("int", intCodec("int", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
/** Go's `int8` as a number. */
export const int8 = scalar("int8", intCodec("int8", -0x80, 0x7f));
/** Go's `int16` as a number. */
export const int16 = scalar("int16", intCodec("int16", -0x8000, 0x7fff));
/** Go's `int32` (and `rune`) as a number. */
export const int32 = scalar("int32", intCodec("int32", -0x80000000, 0x7fffffff));
/** Go's `int64` as a bigint. As a number: `gob.number(gob.int64)`. */
export const int64 = scalar("int64", bigIntCodec("int64", 64));
/** Go's `uint` as a number; beyond 2^53-1 an error `overflow`. As a bigint: `gob.bigint(gob.uint)`. */
export const uint = scalar("uint", uintCodec("uint", Number.MAX_SAFE_INTEGER));
/** Go's `uint8` (and `byte`) as a number. Slices of it are bytes: use {@link bytes}. */
export const uint8 = scalar("uint8", uintCodec("uint8", 0xff));
/** Go's `uint16` as a number. */
export const uint16 = scalar("uint16", uintCodec("uint16", 0xffff));
/** Go's `uint32` as a number. */
export const uint32 = scalar("uint32", uintCodec("uint32", 0xffffffff));
/** Go's `uint64` as a bigint. As a number: `gob.number(gob.uint64)`. */
export const uint64 = scalar("uint64", bigUintCodec("uint64", 64));
/** Go's `uintptr` as a bigint. */
export const uintptr = scalar("uintptr", bigUintCodec("uintptr", 64));
/**
 * Go's `string`. Bytes that are not valid UTF-8 are lone surrogates U+DC80 to U+DCFF, see `decodeUtf8`.
 */
export const string = scalar("string", stringCodec);
/** Go's `[]byte`. Decoding gives a copy, which up to 1 KiB may be part of a larger buffer; encoding does not keep the value. */
export const bytes: ScalarSchema<Uint8Array> = new ScalarSchema(basicType("uint8").slice, bytesCodec);

const safeBounds = { lowest: Number.MIN_SAFE_INTEGER, highest: Number.MAX_SAFE_INTEGER };

/** An integer schema with numbers as values, e.g. `gob.number(gob.int64)`; beyond 2^53-1 an error `overflow`. */
export function number(schema: ScalarSchema<number> | ScalarSchema<bigint>): ScalarSchema<number> {
  const { type, codec } = schema;
  if (codec.builtin === "int") {
    return codec.zero() === 0
      ? (schema as ScalarSchema<number>)
      : new ScalarSchema(type, intCodec(type.text, safeBounds.lowest, safeBounds.highest));
  }
  if (codec.builtin !== "uint") throw new GobError("type-mismatch", `${type.text} is not an integer`);
  return codec.zero() === 0
    ? (schema as ScalarSchema<number>)
    : new ScalarSchema(type, uintCodec(type.text, safeBounds.highest));
}

const bitsOf: Partial<Record<GoKind, number>> = {
  int8: 8,
  int16: 16,
  int32: 32,
  uint8: 8,
  uint16: 16,
  uint32: 32,
};

/** An integer schema with bigints as values, e.g. `gob.bigint(gob.int)`. */
export function bigint(schema: ScalarSchema<number> | ScalarSchema<bigint>): ScalarSchema<bigint> {
  const { type, codec } = schema;
  if (codec.builtin !== "int" && codec.builtin !== "uint") {
    throw new GobError("type-mismatch", `${type.text} is not an integer`);
  }
  const make = codec.builtin === "int" ? bigIntCodec : bigUintCodec;
  return new ScalarSchema(type, make(type.text, bitsOf[type.kind] ?? 64));
}
