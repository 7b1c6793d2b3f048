import { GobError, withStep } from "./errors.ts";
import { type GoType, isBytes } from "./go-type.ts";
import { IntegerKeys, smallMap } from "./integer-keys.ts";
import { quotedShort } from "./printable.ts";
import type { PutFunction } from "./put.ts";
import type { Reader } from "./reader.ts";
import { ScalarSchema } from "./scalars.ts";
import {
  type AnySchema,
  type ReadFunction,
  Schema,
  unexpectedValue,
  type WriteFieldFunction,
  type WriteFunction,
  type WriteManyFunction,
} from "./schema.ts";
import type { WireTypes } from "./wire-types.ts";
import type { Writer } from "./writer.ts";

/** Reads `count` elements into a new array. */
function readElements(reader: Reader, count: number, bounded: boolean, read: ReadFunction): unknown[] {
  // A count that is not bounded by the message reserves nothing: the array grows as elements come.
  const values: unknown[] = bounded ? new Array(count) : [];
  let index = 0;
  reader.enter();
  try {
    for (; index < count; index++) {
      reader.element(count);
      values[index] = read(reader);
    }
  } catch (error) {
    throw withStep(error, `[${index}]`);
  }
  reader.depth--;
  return values;
}

/** The memory of a place in a list, of a list, of an entry and of a map without entries, by estimate in bytes. */
const placeBytes = 8;
const listBytes = 32;
const entryBytes = 48;
const mapEntryBytes = 32;
const mapBytes = 184;

/** Shorter lists are written one by one. */
const fewElements = 8;

function writeElements(
  writer: Writer,
  values: readonly unknown[],
  write: WriteFunction,
  writeMany: WriteManyFunction | undefined,
): void {
  const { length } = values;
  writer.enter();
  for (let index = 0; index < length; ) {
    if (writeMany !== undefined && length >= fewElements) {
      const from = index;
      index = writeMany(writer, values, from);
      if (index > from) continue;
    }
    try {
      write(writer, values[index]);
    } catch (error) {
      throw withStep(error, `[${index}]`);
    }
    index++;
  }
  writer.depth--;
}

/** A schema of a Go slice (other than bytes) or array. */
export class SequenceSchema<S extends AnySchema> extends Schema<S["infer"][]> {
  readonly elem: S;
  /** Elements of an array; undefined for a slice. */
  readonly length: number | undefined;
  readonly #namedType: GoType | undefined;

  constructor(elem: S, length?: number, namedType?: GoType) {
    super();
    this.elem = elem;
    this.length = length;
    this.#namedType = namedType;
  }

  override get type(): GoType {
    if (this.#namedType !== undefined) return this.#namedType;
    const elem = this.elem.type;
    return this.length === undefined ? elem.slice : elem.array(this.length);
  }

  override zero(): S["infer"][] {
    if (this.length === undefined) return [];
    return Array.from({ length: this.length }, () => this.elem.zero());
  }

  override get footprint(): number {
    if (this.length === undefined) return listBytes;
    return listBytes + this.length * (placeBytes + this.elem.footprint);
  }

  override get put(): PutFunction | undefined {
    const elem = this.elem.resolve();
    if (this.length !== undefined || !(elem instanceof ScalarSchema)) return undefined;
    return elem.codec.putList as PutFunction | undefined;
  }

  protected override compileWrite(): WriteFunction {
    const elem = this.elem.resolve();
    const { write, writeMany } = elem;
    const { length } = this;
    // A slice of a named uint8 is bytes on the wire; each element is one byte either way below 128 only.
    const asBytes = isBytes(this.type);
    return (writer, value) => {
      if (!Array.isArray(value)) throw unexpectedValue("an array", value);
      if (length !== undefined && value.length !== length) {
        throw new GobError("type-mismatch", `expected ${length} elements, got ${value.length}`);
      }
      writer.uint(value.length);
      if (asBytes) writer.raw(bytesOf(value));
      else writeElements(writer, value, write, writeMany);
    };
  }

  protected override compileWriteField(write: WriteFunction): WriteFieldFunction {
    const isSlice = this.length === undefined;
    return (writer, value, delta) => {
      if (isSlice && Array.isArray(value) && value.length === 0) return false;
      writer.uint(delta);
      write(writer, value);
      return true;
    };
  }

  override compileRead(wire: WireTypes, id: number): ReadFunction {
    if (isBytes(this.type)) {
      wire.expect(this, id, "bytes");
      return (reader) => Array.from(reader.bytes());
    }
    return this.length === undefined
      ? this.#compileSlice(wire, id)
      : this.#compileArray(wire, id, this.length);
  }

  #compileSlice(wire: WireTypes, id: number): ReadFunction {
    const definition = wire.match(this, id, "slice");
    const bounded = !wire.holdsInterface(definition.elem);
    const target = this.elem.resolve();
    const many = target instanceof ScalarSchema ? target.codec.readMany : undefined;
    const elementBytes = placeBytes + this.elem.footprint;
    if (many !== undefined) {
      wire.reader(this.elem, definition.elem);
      return (reader) => many(reader, reader.count(true, elementBytes)) as unknown[];
    }
    let read: ReadFunction;
    const readSlice: ReadFunction = (reader) =>
      readElements(reader, reader.count(bounded, elementBytes), bounded, read);
    wire.remember(this, id, readSlice);
    read = wire.reader(this.elem, definition.elem);
    return readSlice;
  }

  #compileArray(wire: WireTypes, id: number, length: number): ReadFunction {
    const definition = wire.match(this, id, "array");
    if (definition.length !== length) throw wire.mismatch(this, id);
    const bounded = !wire.holdsInterface(definition.elem);
    const elementBytes = placeBytes + this.elem.footprint;
    let read: ReadFunction;
    const readArray: ReadFunction = (reader) => {
      const count = reader.count(bounded, elementBytes);
      if (count !== length) throw reader.fail("corrupt", `${count} elements in an array of ${length}`);
      return readElements(reader, count, bounded, read);
    };
    wire.remember(this, id, readArray);
    read = wire.reader(this.elem, definition.elem);
    return readArray;
  }
}

function bytesOf(values: readonly unknown[]): Uint8Array {
  return Uint8Array.from(values, (value, index) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xff) return value;
    throw new GobError("overflow", `${String(value)} is out of range for uint8`, { path: `[${index}]` });
  });
}

/** A Go map as entries in wire order, whatever the keys. */
export class EntriesSchema<K extends AnySchema, V extends AnySchema> extends Schema<
  [K["infer"], V["infer"]][]
> {
  readonly key: K;
  readonly elem: V;
  readonly #namedType: GoType | undefined;

  constructor(key: K, elem: V, namedType?: GoType) {
    super();
    this.key = key;
    this.elem = elem;
    this.#namedType = namedType;
  }

  override get type(): GoType {
    return this.#namedType ?? this.key.type.mapTo(this.elem.type);
  }

  override zero(): [K["infer"], V["infer"]][] {
    return [];
  }

  override get footprint(): number {
    return listBytes;
  }

  protected override compileWrite(): WriteFunction {
    const writeEntries = compileWriteEntries(this.key, this.elem);
    return (writer, value) => {
      if (!Array.isArray(value)) throw unexpectedValue("an array of entries", value);
      writeEntries(writer, value.length, value);
    };
  }

  protected override compileWriteField(write: WriteFunction): WriteFieldFunction {
    return writeAlways(write);
  }

  override compileRead(wire: WireTypes, id: number): ReadFunction {
    return compileReadMap(this, this.key, this.elem, wire, id, true);
  }
}

/** A Go map as a JavaScript `Map`, in wire order. */
export class MapSchema<K extends AnySchema, V extends AnySchema> extends Schema<Map<K["infer"], V["infer"]>> {
  readonly key: K;
  readonly elem: V;
  readonly #namedType: GoType | undefined;

  constructor(key: K, elem: V, namedType?: GoType) {
    super();
    this.key = key;
    this.elem = elem;
    this.#namedType = namedType;
  }

  override get type(): GoType {
    return this.#namedType ?? this.key.type.mapTo(this.elem.type);
  }

  override zero(): Map<K["infer"], V["infer"]> {
    return new Map();
  }

  override get footprint(): number {
    return mapBytes;
  }

  protected override compileWrite(): WriteFunction {
    const writeEntries = compileWriteEntries(this.key, this.elem);
    return (writer, value) => {
      if (!(value instanceof Map)) throw unexpectedValue("a Map", value);
      writeEntries(writer, value.size, value);
    };
  }

  protected override compileWriteField(write: WriteFunction): WriteFieldFunction {
    return writeAlways(write);
  }

  override compileRead(wire: WireTypes, id: number): ReadFunction {
    return compileReadMap(this, this.key, this.elem, wire, id, false);
  }
}

/** Go sends a map that is empty but not nil, and ours never are nil. */
function writeAlways(write: WriteFunction): WriteFieldFunction {
  return (writer, value, delta) => {
    writer.uint(delta);
    write(writer, value);
    return true;
  };
}

function compileWriteEntries(
  key: AnySchema,
  elem: AnySchema,
): (writer: Writer, size: number, entries: Iterable<readonly [unknown, unknown]>) => void {
  const writeKey = key.resolve().write;
  const writeElem = elem.resolve().write;
  return (writer, size, entries) => {
    writer.uint(size);
    writer.enter();
    for (const [entryKey, entryElem] of entries) {
      try {
        writeKey(writer, entryKey);
        writeElem(writer, entryElem);
      } catch (error) {
        throw withStep(error, `[${describeKey(entryKey)}]`);
      }
    }
    writer.depth--;
  };
}

function compileReadMap(
  schema: AnySchema,
  key: AnySchema,
  elem: AnySchema,
  wire: WireTypes,
  id: number,
  asEntries: boolean,
): ReadFunction {
  const definition = wire.match(schema, id, "map");
  const bounded = !wire.holdsInterface(id);
  const elementBytes =
    key.footprint + elem.footprint + (asEntries ? entryBytes + placeBytes * 2 : mapEntryBytes);
  // The engine's hash of strings is seeded.
  const mayCollide = !asEntries && key.type.base.kind !== "string";
  let readKey: ReadFunction;
  let readElem: ReadFunction;
  const readMap: ReadFunction = (reader) => {
    const count = reader.count(bounded, elementBytes);
    const entries: [unknown, unknown][] = [];
    const map = asEntries ? undefined : new Map<unknown, unknown>();
    const integerKeys = mayCollide && count > smallMap ? new IntegerKeys() : undefined;
    let entryKey: unknown;
    reader.enter();
    try {
      for (let i = 0; i < count; i++) {
        entryKey = undefined;
        entryKey = readKey(reader);
        if (map === undefined) {
          entries.push([entryKey, readElem(reader)]);
        } else if (integerKeys === undefined) {
          map.set(entryKey, readElem(reader));
        } else {
          const { size } = map;
          map.set(entryKey, readElem(reader));
          if (map.size > size && !integerKeys.add(entryKey)) {
            const text = "map keys that collide in the engine's table; gob.entries can read them";
            throw reader.fail("corrupt", text);
          }
        }
      }
    } catch (error) {
      throw withStep(error, `[${describeKey(entryKey)}]`);
    }
    reader.depth--;
    return map ?? entries;
  };
  wire.remember(schema, id, readMap);
  readKey = wire.reader(key, definition.key);
  readElem = wire.reader(elem, definition.elem);
  return readMap;
}

/** The longest part of a key in an error's path, in UTF-16 units. */
const longestKey = 100;

function describeKey(key: unknown): string {
  if (key === undefined) return "key";
  return typeof key === "string" ? quotedShort(key, longestKey) : typeof key === "object" ? "…" : String(key);
}
