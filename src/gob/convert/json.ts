import type { DecoderOptions } from "../decoder.ts";
import {
  type DynamicComplex,
  type DynamicFloat,
  type DynamicInterface,
  type DynamicValue,
  NaNBits,
  type StreamValue,
} from "../dynamic/value.ts";
import type { WireType } from "../dynamic/wire-type.ts";
import { type ByteSource, readAnyValues } from "../streams.ts";
import { encodeUtf8 } from "../text.ts";

type Entries = readonly (readonly [DynamicValue, DynamicValue])[];

/**
 * A value as one line of JSON, `{"type": T, "value": V}`, with T as {@link WireType.text} and V:
 *
 *     bool       true, false                      array, slice  [...]
 *     int, uint  number to 2^53-1, else "digits"  map           {"$map": [[key, value], ...]} in wire order
 *     float      number, "NaN", "+Inf", "-Inf", "-0"            complex  [re, im]
 *     string     "..." or {"$bytes": base64} if it is not UTF-8  bytes    {"$bytes": base64}
 *     struct     {field: value, ...}, the transmitted fields in wire order
 *     interface  null or {"$type": registered name, "value": V}
 *     opaque     {"$opaque": "gob" | "binary" | "text", "bytes": base64}
 */
export function toJsonLine({ type, value }: StreamValue): string {
  return `{"type":${quote(type.text)},"value":${toJson(type, value)}}`;
}

/** The V part of {@link toJsonLine}. */
export function toJson(type: WireType, value: DynamicValue): string {
  switch (type.kind) {
    case "bool":
      return String(value);
    case "int":
    case "uint":
      return integer(value as bigint);
    case "float":
      return float(value as DynamicFloat);
    case "complex":
      return `[${float((value as DynamicComplex).re)},${float((value as DynamicComplex).im)}]`;
    case "string":
      return text(value as string);
    case "bytes":
      return `{"$bytes":"${base64(value as Uint8Array)}"}`;
    case "opaque":
      return `{"$opaque":"${type.encoding}","bytes":"${base64(value as Uint8Array)}"}`;
    case "interface":
      return interfaceValue(value as DynamicInterface | null);
    case "struct":
      return struct(type, value as ReadonlyMap<string, DynamicValue>);
    case "map":
      return map(type, value as Entries);
    default: {
      const { elem } = type;
      return `[${(value as readonly DynamicValue[]).map((element) => toJson(elem, element)).join(",")}]`;
    }
  }
}

function integer(value: bigint): string {
  const isSafe = value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
  return isSafe ? String(value) : `"${value}"`;
}

function float(value: DynamicFloat): string {
  if (value instanceof NaNBits || Number.isNaN(value)) return '"NaN"';
  if (value === Number.POSITIVE_INFINITY) return '"+Inf"';
  if (value === Number.NEGATIVE_INFINITY) return '"-Inf"';
  return Object.is(value, -0) ? '"-0"' : String(value);
}

function text(value: string): string {
  const isWellFormed = (value as string & { isWellFormed(): boolean }).isWellFormed();
  return isWellFormed ? quote(value) : `{"$bytes":"${base64(encodeUtf8(value))}"}`;
}

function quote(value: string): string {
  return JSON.stringify(value);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

function interfaceValue(value: DynamicInterface | null): string {
  if (value === null) return "null";
  return `{"$type":${text(value.name)},"value":${toJson(value.type, value.value)}}`;
}

function struct(type: WireType, value: ReadonlyMap<string, DynamicValue>): string {
  // Written as text and not through an object, which would reorder or swallow some names.
  const types = new Map(type.fields.map((field) => [field.name, field.type]));
  const fields = [...value].map(([name, field]) => `${quote(name)}:${toJson(types.get(name)!, field)}`);
  return `{${fields.join(",")}}`;
}

function map(type: WireType, entries: Entries): string {
  const { key, elem } = type;
  const pairs = entries.map(([k, v]) => `[${toJson(key, k)},${toJson(elem, v)}]`);
  return `{"$map":[${pairs.join(",")}]}`;
}

/**
 * The lines of `weave-mesh gob decode`: each top-level value as {@link toJsonLine} gives it.
 * At damage the lines before it have been yielded, and a {@link GobError} with the offset is thrown.
 */
export async function* decodeToJsonLines(
  source: ByteSource,
  options?: DecoderOptions,
): AsyncGenerator<string, void, undefined> {
  for await (const value of readAnyValues(source, options)) yield toJsonLine(value);
}
