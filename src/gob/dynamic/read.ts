import { builtinIds } from "../definition.ts";
import { withStep } from "../errors.ts";
import { enterInterface } from "../interface-content.ts";
import type { Reader } from "../reader.ts";
import type { ReadFunction } from "../schema.ts";
import { unknownType, type WireTypes } from "../wire-types.ts";
import {
  type DynamicFloat,
  DynamicInterface,
  type DynamicValue,
  NaNBits,
  type SentDefinition,
} from "./value.ts";
import { wireType } from "./wire-type.ts";

type DynamicRead = ReadFunction<DynamicValue>;

/** Go's `math.NaN()`. */
const goNaN = 0x7ff8000000000001n;

/** Stands for "without a schema" where schemas stand, as the key of compiled functions. */
const dynamicKey = {};

function readFloat(reader: Reader): DynamicFloat {
  const { pos } = reader;
  const value = reader.float();
  if (!Number.isNaN(value)) return value;
  reader.pos = pos;
  const bits = reader.floatBits();
  return bits === goNaN ? value : new NaNBits(bits);
}

const builtinReaders = new Map<number, DynamicRead>([
  [builtinIds.bool, (reader) => reader.uint() !== 0],
  [builtinIds.int, (reader) => reader.bigInt()],
  [builtinIds.uint, (reader) => reader.bigUint()],
  [builtinIds.float, readFloat],
  [builtinIds.complex, (reader) => ({ re: readFloat(reader), im: readFloat(reader) })],
  [builtinIds.bytes, (reader) => reader.bytes()],
  [builtinIds.string, (reader) => reader.string()],
]);

/**
 * The memory of one value without a schema, in bytes and by estimate, besides the place that refers to it: with
 * the object, its header, and a list's or map's own table. Without what is in it.
 */
const valueBytes = {
  bool: 0,
  int: 24,
  uint: 24,
  float: 16,
  complex: 64,
  bytes: 112,
  opaque: 112,
  string: 32,
  interface: 72,
  struct: 200,
  map: 48,
  slice: 48,
  array: 48,
} as const;

/** Lists grow by half when they are full, so that a place may be paid for twice. */
const placeBytes = 16;
/** Besides key and element: an entry's pair. */
const pairBytes = 48;
/** Besides the value: a struct's field in the table of names. */
const fieldBytes = 48;

const builtinKinds = new Map<number, keyof typeof builtinIds>(
  Object.entries(builtinIds).map(([kind, id]) => [id, kind as keyof typeof builtinIds]),
);

function bytesOf(wire: WireTypes, id: number): number {
  const kind = builtinKinds.get(id) ?? wire.get(id)?.definition.kind;
  if (kind === undefined) throw unknownType(id);
  return valueBytes[kind];
}

/** Compiles reading values of a type without a schema. Errors: `unknown-type`. */
export function dynamicReader(wire: WireTypes, id: number): DynamicRead {
  const builtin = builtinReaders.get(id);
  if (builtin !== undefined) return builtin;
  const known = wire.remembered(dynamicKey, id);
  if (known !== undefined) return known as DynamicRead;
  if (id === builtinIds.interface) return (reader) => readInterface(reader, wire);
  return wire.compile(() => compile(wire, id)) as DynamicRead;
}

function compile(wire: WireTypes, id: number): DynamicRead {
  const definition = wire.get(id)?.definition;
  if (definition === undefined) throw unknownType(id);
  switch (definition.kind) {
    case "opaque":
      return (reader) => reader.bytes();
    case "struct":
      return structReader(wire, id, definition.fields);
    case "map":
      return mapReader(wire, id, definition);
    default:
      return sequenceReader(
        wire,
        id,
        definition.elem,
        "length" in definition ? definition.length : undefined,
      );
  }
}

function structReader(
  wire: WireTypes,
  id: number,
  fields: readonly { readonly name: string; readonly id: number }[],
): DynamicRead {
  const readers: DynamicRead[] = [];
  const sizes: number[] = [];
  const read: DynamicRead = (reader) => {
    const value = new Map<string, DynamicValue>();
    let field = -1;
    reader.enter();
    try {
      while (reader.pos < reader.end) {
        const delta = reader.uint();
        if (delta === 0) break;
        if (delta >= fields.length - field) {
          throw reader.fail(
            "corrupt",
            `field number ${field + delta} in a struct of ${fields.length} fields`,
          );
        }
        field += delta;
        reader.take(sizes[field]!);
        value.set(fields[field]!.name, readers[field]!(reader));
      }
    } catch (error) {
      throw field < 0 ? error : withStep(error, fields[field]!.name);
    }
    reader.depth--;
    return value;
  };
  wire.remember(dynamicKey, id, read);
  for (const field of fields) {
    readers.push(dynamicReader(wire, field.id));
    sizes.push(fieldBytes + bytesOf(wire, field.id));
  }
  return read;
}

function mapReader(
  wire: WireTypes,
  id: number,
  definition: { readonly key: number; readonly elem: number },
): DynamicRead {
  const bounded = !wire.holdsInterface(id);
  const entryBytes = placeBytes + pairBytes + bytesOf(wire, definition.key) + bytesOf(wire, definition.elem);
  let readKey: DynamicRead;
  let readElem: DynamicRead;
  const read: DynamicRead = (reader) => {
    const count = reader.count(bounded, entryBytes);
    const entries: [DynamicValue, DynamicValue][] = [];
    reader.enter();
    try {
      for (let i = 0; i < count; i++) {
        const key = readKey(reader);
        entries.push([key, readElem(reader)]);
      }
    } catch (error) {
      throw withStep(error, `[entry ${entries.length}]`);
    }
    reader.depth--;
    return entries;
  };
  wire.remember(dynamicKey, id, read);
  readKey = dynamicReader(wire, definition.key);
  readElem = dynamicReader(wire, definition.elem);
  return read;
}

function sequenceReader(wire: WireTypes, id: number, elem: number, length: number | undefined): DynamicRead {
  const bounded = !wire.holdsInterface(elem);
  const elementBytes = placeBytes + bytesOf(wire, elem);
  let readElem: DynamicRead;
  const read: DynamicRead = (reader) => {
    const count = reader.count(bounded, elementBytes);
    if (length !== undefined && count !== length) {
      throw reader.fail("corrupt", `${count} elements in an array of ${length}`);
    }
    const values: DynamicValue[] = [];
    reader.enter();
    try {
      for (let i = 0; i < count; i++) {
        reader.element(count);
        values.push(readElem(reader));
      }
    } catch (error) {
      throw withStep(error, `[${values.length}]`);
    }
    reader.depth--;
    return values;
  };
  wire.remember(dynamicKey, id, read);
  readElem = dynamicReader(wire, elem);
  return read;
}

function readInterface(reader: Reader, wire: WireTypes): DynamicValue {
  const definitions: SentDefinition[] = [];
  const content = enterInterface(reader, wire, undefined, definitions);
  if (content === undefined) return null;
  reader.take(bytesOf(wire, content.id));
  const value = dynamicReader(wire, content.id)(reader);
  reader.depth--;
  return new DynamicInterface(content.name, wireType(wire, content.id), value, definitions);
}
