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
import { GobError } from "../errors.ts";
import { maxText, quoted } from "../printable.ts";
import { type ByteSource, readAnyValues } from "../streams.ts";
import { encodeUtf8 } from "../text.ts";

type Entries = readonly (readonly [DynamicValue, DynamicValue])[];

/**
 * Returns a value as one line of JSON, `{"type": T, "value": V}`, with T as {@link WireType.text} and V:
 *
 *     bool       true, false                      array, slice  [...]
 *     int, uint  number to 2^53-1, else "digits"  map           {"$map": [[key, value], ...]} in wire order
 *     float      number, "NaN", "+Inf", "-Inf", "-0"            complex  [re, im]
 *     string     "..." or {"$bytes": base64} if it is not UTF-8  bytes    {"$bytes": base64}
 *     struct     {field: value, ...}, the transmitted fields in wire order
 *     interface  null or {"$type": registered name, "value": V}
 *     opaque     {"$opaque": "gob" | "binary" | "text", "bytes": base64}
 *
 * Characters that cannot be seen (controls, bidirectional marks, line separators) are escaped. A field name of
 * more than 1 KiB is cut, and ends in `…` and the field's number.
 * @throws {GobError} `value-too-large` for a text that is longer than a string can be.
 */
export function toJsonLine({ type, value }: StreamValue): string {
  const out = new JsonText();
  out.add(`{"type":${quoted(type.text)},"value":`);
  write(out, type, value);
  out.add("}");
  return out.toString();
}

/** Returns the V part of {@link toJsonLine}. */
export function toJson(type: WireType, value: DynamicValue): string {
  const out = new JsonText();
  write(out, type, value);
  return out.toString();
}

/** The number of pieces that are joined at once. */
const pieceCount = 4096;

/** A text that is appended to: each part is copied a fixed number of times, however deep it lies in the value. */
class JsonText {
  readonly #chunks: string[] = [];
  #pieces: string[] = [];

  add(piece: string): void {
    this.#pieces.push(piece);
    if (this.#pieces.length < pieceCount) return;
    this.#chunks.push(this.#pieces.join(""));
    this.#pieces = [];
  }

  toString(): string {
    try {
      return this.#chunks.join("") + this.#pieces.join("");
    } catch (error) {
      throw new GobError("value-too-large", "the value as JSON is longer than a string can be", {
        cause: error,
      });
    }
  }
}

function write(out: JsonText, type: WireType, value: DynamicValue): void {
  switch (type.kind) {
    case "bool":
      out.add(String(value));
      break;
    case "int":
    case "uint":
      out.add(integer(value as bigint));
      break;
    case "float":
      out.add(float(value as DynamicFloat));
      break;
    case "complex":
      out.add(`[${float((value as DynamicComplex).re)},${float((value as DynamicComplex).im)}]`);
      break;
    case "string":
      out.add(text(value as string));
      break;
    case "bytes":
      out.add(`{"$bytes":"${base64(value as Uint8Array)}"}`);
      break;
    case "opaque":
      out.add(`{"$opaque":"${type.encoding}","bytes":"${base64(value as Uint8Array)}"}`);
      break;
    case "interface":
      writeInterface(out, value as DynamicInterface | null);
      break;
    case "struct":
      writeStruct(out, type, value as ReadonlyMap<string, DynamicValue>);
      break;
    case "map":
      writeMap(out, type, value as Entries);
      break;
    default:
      writeList(out, type, value as readonly DynamicValue[]);
  }
}

const lowestSafe = BigInt(Number.MIN_SAFE_INTEGER);
const highestSafe = BigInt(Number.MAX_SAFE_INTEGER);

function integer(value: bigint): string {
  const isSafe = value <= highestSafe && value >= lowestSafe;
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
  return isWellFormed ? quoted(value) : `{"$bytes":"${base64(encodeUtf8(value))}"}`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

function writeInterface(out: JsonText, value: DynamicInterface | null): void {
  if (value === null) {
    out.add("null");
    return;
  }
  out.add(`{"$type":${text(value.name)},"value":`);
  write(out, value.type, value.value);
  out.add("}");
}

interface JsonField {
  /** The name in quotes, and a colon. */
  readonly key: string;
  readonly type: WireType;
}

/** Made once for each type: a struct can have far more fields than each of its values. */
const fieldsByType = new WeakMap<WireType, ReadonlyMap<string, JsonField>>();

function fieldsOf(type: WireType): ReadonlyMap<string, JsonField> {
  let fields = fieldsByType.get(type);
  if (fields === undefined) {
    const entries = type.fields.map(({ name, type: fieldType }, index) => {
      const shown = name.length > maxText ? `${name.slice(0, maxText)}…${index}` : name;
      return [name, { key: `${quoted(shown)}:`, type: fieldType }] as const;
    });
    fields = new Map(entries);
    fieldsByType.set(type, fields);
  }
  return fields;
}

/** As text and not through an object, which would reorder or swallow some names. */
function writeStruct(out: JsonText, type: WireType, value: ReadonlyMap<string, DynamicValue>): void {
  const fields = fieldsOf(type);
  let separator = "{";
  for (const [name, fieldValue] of value) {
    const field = fields.get(name);
    if (field === undefined) throw new GobError("type-mismatch", `a field that ${type.text} does not have`);
    out.add(separator);
    out.add(field.key);
    write(out, field.type, fieldValue);
    separator = ",";
  }
  out.add(separator === "{" ? "{}" : "}");
}

function writeMap(out: JsonText, type: WireType, entries: Entries): void {
  const { key, elem } = type;
  out.add('{"$map":[');
  let separator = "[";
  for (const [entryKey, entryElem] of entries) {
    out.add(separator);
    write(out, key, entryKey);
    out.add(",");
    write(out, elem, entryElem);
    out.add("]");
    separator = ",[";
  }
  out.add("]}");
}

function writeList(out: JsonText, type: WireType, elements: readonly DynamicValue[]): void {
  const { elem } = type;
  let separator = "[";
  for (const element of elements) {
    out.add(separator);
    write(out, elem, element);
    separator = ",";
  }
  out.add(separator === "[" ? "[]" : "]");
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
