import { writeDefinition } from "../definition.ts";
import { GobError, withStep } from "../errors.ts";
import { unexpectedValue } from "../schema.ts";
import { Writer } from "../writer.ts";
import {
  type DynamicComplex,
  type DynamicFloat,
  type DynamicInterface,
  type DynamicValue,
  NaNBits,
  type SentDefinition,
  type StreamValue,
} from "./value.ts";
import type { IndexedField, WireType } from "./wire-type.ts";

/** Writes one top-level value with the definitions that stood before it. */
function writeStreamValue(writer: Writer, { type, value, definitions }: StreamValue): void {
  writeDefinitions(writer, definitions);
  writer.int(type.id);
  writeSingle(writer, type, value);
}

function writeDefinitions(writer: Writer, definitions: readonly SentDefinition[]): void {
  for (const { id, definition } of definitions) {
    writer.int(-id);
    writeDefinition(writer, definition);
    writer.splitMessage();
  }
}

/** All but structs have a zero byte before them at the top and in an interface. */
function writeSingle(writer: Writer, type: WireType, value: DynamicValue): void {
  if (type.kind !== "struct") writer.byte(0);
  writeValue(writer, type, value);
}

function writeValue(writer: Writer, type: WireType, value: DynamicValue): void {
  switch (type.kind) {
    case "bool":
      writer.byte(value === true ? 1 : 0);
      break;
    case "int":
      writer.bigInt(value as bigint);
      break;
    case "uint":
      writer.bigUint(value as bigint);
      break;
    case "float":
      writeFloat(writer, value as DynamicFloat);
      break;
    case "complex":
      writeFloat(writer, (value as DynamicComplex).re);
      writeFloat(writer, (value as DynamicComplex).im);
      break;
    case "string":
      writer.string(value as string);
      break;
    case "bytes":
    case "opaque":
      writer.bytes(value as Uint8Array);
      break;
    case "interface":
      writeInterface(writer, value as DynamicInterface | null);
      break;
    case "struct":
      writeStruct(writer, type, value as ReadonlyMap<string, DynamicValue>);
      break;
    case "map":
      writeMap(writer, type, value as readonly (readonly [DynamicValue, DynamicValue])[]);
      break;
    default:
      writeSequence(writer, type, value as readonly DynamicValue[]);
  }
}

function writeFloat(writer: Writer, value: DynamicFloat): void {
  if (value instanceof NaNBits) {
    writer.floatWords(Number(value.bits >> 32n), Number(value.bits & 0xffffffffn));
  } else {
    writer.float(value);
  }
}

function writeInterface(writer: Writer, value: DynamicInterface | null): void {
  if (value === null) {
    writer.uint(0);
    return;
  }
  writer.string(value.name);
  writeDefinitions(writer, value.definitions);
  writer.int(value.type.id);
  const outer = writer.enterMessage();
  writer.enter();
  writeSingle(writer, value.type, value.value);
  writer.depth--;
  writer.leaveMessage(outer);
}

function writeStruct(writer: Writer, type: WireType, value: ReadonlyMap<string, DynamicValue>): void {
  if (!(value instanceof Map)) throw unexpectedValue("a Map of fields", value);
  let last = -1;
  writer.enter();
  for (const { field, index } of fieldsInOrder(type, value)) {
    writer.uint(index - last);
    last = index;
    try {
      writeValue(writer, field.type, value.get(field.name)!);
    } catch (error) {
      throw withStep(error, field.name);
    }
  }
  writer.depth--;
  writer.byte(0);
}

/** The type's fields that a value has, in the order of the type. A struct can have far more than each value. */
function fieldsInOrder(type: WireType, value: ReadonlyMap<string, DynamicValue>): IndexedField[] {
  const found: IndexedField[] = [];
  let isOrdered = true;
  for (const [name, fieldValue] of value) {
    const field = fieldValue === undefined ? undefined : type.fieldNamed(name);
    if (field === undefined) throw new GobError("type-mismatch", `a field that ${type.text} does not have`);
    if (found.length > 0 && found.at(-1)!.index > field.index) isOrdered = false;
    found.push(field);
  }
  return isOrdered ? found : found.sort((a, b) => a.index - b.index);
}

function writeMap(
  writer: Writer,
  type: WireType,
  entries: readonly (readonly [DynamicValue, DynamicValue])[],
): void {
  const { key, elem } = type;
  writer.uint(entries.length);
  writer.enter();
  for (const [entryKey, entryElem] of entries) {
    writeValue(writer, key, entryKey);
    writeValue(writer, elem, entryElem);
  }
  writer.depth--;
}

function writeSequence(writer: Writer, type: WireType, values: readonly DynamicValue[]): void {
  const { elem } = type;
  writer.uint(values.length);
  writer.enter();
  for (const value of values) writeValue(writer, elem, value);
  writer.depth--;
}

/**
 * Encodes values as `decodeStream` gave them: definitions, ids and order as they came, so that a stream
 * written by Go comes out byte for byte. Values may be left out or changed as long as they fit their types
 * and the definitions they need are kept.
 * Errors: `type-mismatch`.
 */
export function encodeStream(values: Iterable<StreamValue>): Uint8Array {
  const writer = new Writer();
  const parts: Uint8Array[] = [];
  for (const value of values) {
    writer.reset();
    writeStreamValue(writer, value);
    parts.push(writer.finish());
  }
  return new Uint8Array(Buffer.concat(parts));
}
