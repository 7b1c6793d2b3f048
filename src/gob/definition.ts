import { printable } from "./printable.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** Ids that need no definition. Source: encoding/gob, type.go, the bootstrap types. */
export const builtinIds = {
  bool: 1,
  int: 2,
  uint: 3,
  float: 4,
  bytes: 5,
  string: 6,
  complex: 7,
  interface: 8,
} as const;

/** The lowest id that a stream may define. Go up to 1.19 leaves this one out and starts at 65. */
export const firstDefinableId = 64;

/** The part that every definition has: CommonType. `commonId` is 0 where the sender left it out. */
interface Common {
  /** The type's name as the sender's process knew it; may be empty. */
  readonly name: string;
  /** The id inside the definition; as a rule the one that it is sent under. */
  readonly commonId: number;
}

/** A type definition as it travels: what Go calls a wireType. Parts are named by their ids. */
export type Definition =
  | (Common & { readonly kind: "array"; readonly elem: number; readonly length: number })
  | (Common & { readonly kind: "slice"; readonly elem: number })
  | (Common & { readonly kind: "struct"; readonly fields: readonly DefinitionField[] })
  | (Common & { readonly kind: "map"; readonly key: number; readonly elem: number })
  | (Common & { readonly kind: "opaque"; readonly encoding: "gob" | "binary" | "text" });

/** One field of a struct's definition. */
export interface DefinitionField {
  readonly name: string;
  readonly id: number;
}

const variants = ["array", "slice", "struct", "map", "gob", "binary", "text"] as const;

/**
 * Writes a definition's value (without the negated id before it).
 *
 *     wireType   { ArrayT, SliceT, StructT, MapT, GobEncoderT, BinaryMarshalerT, TextMarshalerT }   one of them
 *     ArrayT     { CommonType, Elem int, Len int }         SliceT { CommonType, Elem int }
 *     StructT    { CommonType, Field []{ Name string, Id int } }
 *     MapT       { CommonType, Key int, Elem int }         the others { CommonType }
 *     CommonType { Name string, Id int }
 */
export function writeDefinition(writer: Writer, definition: Definition): void {
  const variant = definition.kind === "opaque" ? definition.encoding : definition.kind;
  writer.uint(variants.indexOf(variant) + 1);
  writer.uint(1);
  writeFields(writer, [definition.name, definition.commonId]);
  switch (definition.kind) {
    case "array":
      writeFields(writer, [definition.elem, definition.length], 1);
      break;
    case "slice":
      writeFields(writer, [definition.elem], 1);
      break;
    case "map":
      writeFields(writer, [definition.key, definition.elem], 1);
      break;
    case "struct":
      if (definition.fields.length > 0) {
        writer.uint(1);
        writer.uint(definition.fields.length);
        for (const field of definition.fields) writeFields(writer, [field.name, field.id]);
      }
      writer.uint(0);
      break;
    case "opaque":
      writer.uint(0);
      break;
  }
  writer.uint(0);
}

/** Struct fields from wire field number `from` on, zero values left out, and the end mark. */
function writeFields(writer: Writer, values: readonly (string | number)[], from = 0): void {
  let last = from - 1;
  values.forEach((value, index) => {
    if (value === "" || value === 0) return;
    writer.uint(from + index - last);
    last = from + index;
    if (typeof value === "string") writer.string(value);
    else writer.int(value);
  });
  writer.uint(0);
}

/**
 * Reads a definition's value.
 * Errors: `bad-definition` for none or several kinds, a negative length or repeated field names; those of
 * {@link Reader} for broken bytes.
 */
export function readDefinition(reader: Reader): Definition {
  let definition: Definition | undefined;
  readFields(reader, variants.length, (field) => {
    if (definition !== undefined) throw reader.fail("bad-definition", "type definition of several kinds");
    definition = readVariant(reader, variants[field]!);
  });
  if (definition === undefined) throw reader.fail("bad-definition", "type definition of no kind");
  return definition;
}

function readVariant(reader: Reader, variant: (typeof variants)[number]): Definition {
  let common: Common = { name: "", commonId: 0 };
  let fields: DefinitionField[] = [];
  const numbers = [0, 0];
  const parts = { array: 3, slice: 2, struct: 2, map: 3, gob: 1, binary: 1, text: 1 }[variant];
  readFields(reader, parts, (field) => {
    if (field === 0) common = readCommon(reader);
    else if (variant === "struct") fields = readStructFields(reader);
    else numbers[field - 1] = reader.int();
  });
  const [first, second] = numbers as [number, number];
  switch (variant) {
    case "array":
      if (second < 0) throw reader.fail("bad-definition", `array type of length ${second}`);
      return { kind: "array", ...common, elem: first, length: second };
    case "slice":
      return { kind: "slice", ...common, elem: first };
    case "map":
      return { kind: "map", ...common, key: first, elem: second };
    case "struct":
      return { kind: "struct", ...common, fields };
    default:
      return { kind: "opaque", ...common, encoding: variant };
  }
}

function readCommon(reader: Reader): Common {
  let name = "";
  let commonId = 0;
  readFields(reader, 2, (field) => {
    if (field === 0) name = reader.string();
    else commonId = reader.int();
  });
  return { name, commonId };
}

function readStructFields(reader: Reader): DefinitionField[] {
  const count = reader.count(true, 0);
  const fields: DefinitionField[] = [];
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) {
    const { name, commonId } = readCommon(reader);
    if (name === "") throw reader.fail("bad-definition", "struct type with a field without a name");
    if (seen.has(name)) throw reader.fail("bad-definition", `struct type with two fields ${printable(name)}`);
    seen.add(name);
    fields.push({ name, id: commonId });
  }
  return fields;
}

/** Walks a struct's field numbers; a message may end in place of the last end mark, as Go's decoder allows. */
function readFields(reader: Reader, count: number, read: (field: number) => void): void {
  let field = -1;
  while (reader.pos < reader.end) {
    const delta = reader.uint();
    if (delta === 0) return;
    field += delta;
    if (field >= count) throw reader.fail("corrupt", `field number ${field} in a type definition`);
    read(field);
  }
}
