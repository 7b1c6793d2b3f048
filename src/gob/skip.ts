import { builtinIds } from "./definition.ts";
import { withStep } from "./errors.ts";
import { enterInterface } from "./interface-content.ts";
import type { Reader } from "./reader.ts";
import type { ReadFunction } from "./schema.ts";
import { unknownType, type WireTypes } from "./wire-types.ts";

/** Stands for "skip" where schemas stand, as the key of compiled functions. */
const skipKey = {};

function skipUint(reader: Reader): void {
  reader.skipUint();
}

function skipBytes(reader: Reader): void {
  reader.skip(reader.length("value"));
}

/**
 * Compiles passing over values of a type: for fields that the schema does not have. The bytes are checked
 * as those of values that are kept.
 */
export function skipper(wire: WireTypes, id: number): ReadFunction {
  switch (id) {
    case builtinIds.bool:
    case builtinIds.int:
    case builtinIds.uint:
    case builtinIds.float:
      return skipUint;
    case builtinIds.complex:
      return (reader) => {
        skipUint(reader);
        skipUint(reader);
      };
    case builtinIds.bytes:
    case builtinIds.string:
      return skipBytes;
    case builtinIds.interface:
      return (reader) => skipInterface(reader, wire);
  }
  const known = wire.remembered(skipKey, id);
  if (known !== undefined) return known;
  return wire.compile(() => compile(wire, id));
}

function compile(wire: WireTypes, id: number): ReadFunction {
  const definition = wire.get(id)?.definition;
  if (definition === undefined) throw unknownType(id);
  switch (definition.kind) {
    case "opaque":
      return skipBytes;
    case "struct":
      return skipStruct(wire, id, definition.fields);
    case "map":
      return skipElements(wire, id, [definition.key, definition.elem]);
    case "slice":
      return skipElements(wire, id, [definition.elem]);
    case "array":
      return skipElements(wire, id, [definition.elem], definition.length);
  }
}

function skipStruct(
  wire: WireTypes,
  id: number,
  fields: readonly { readonly name: string; readonly id: number }[],
): ReadFunction {
  const skips: ReadFunction[] = [];
  const skip: ReadFunction = (reader) => {
    let field = -1;
    reader.enter();
    while (reader.pos < reader.end) {
      const delta = reader.uint();
      if (delta === 0) break;
      if (delta >= skips.length - field) {
        throw reader.fail("corrupt", `field number ${field + delta} in a struct of ${skips.length} fields`);
      }
      field += delta;
      skips[field]!(reader);
    }
    reader.depth--;
  };
  wire.remember(skipKey, id, skip);
  for (const field of fields) {
    try {
      skips.push(skipper(wire, field.id));
    } catch (error) {
      throw withStep(error, field.name);
    }
  }
  return skip;
}

function skipElements(wire: WireTypes, id: number, parts: readonly number[], length?: number): ReadFunction {
  const skips: ReadFunction[] = [];
  const isList = parts.length === 1;
  const bounded = !wire.holdsInterface(id);
  const skip: ReadFunction = (reader) => {
    const count = reader.count(bounded, 0);
    if (length !== undefined && count !== length) {
      throw reader.fail("corrupt", `${count} elements in an array of ${length}`);
    }
    reader.enter();
    for (let i = 0; i < count; i++) {
      if (isList) reader.element(count);
      for (const skipPart of skips) skipPart(reader);
    }
    reader.depth--;
  };
  wire.remember(skipKey, id, skip);
  for (const part of parts) skips.push(skipper(wire, part));
  return skip;
}

/**
 * Passes over an interface value. The byte count in it covers only the piece up to the next type definition,
 * so the value is walked.
 */
function skipInterface(reader: Reader, wire: WireTypes): void {
  const content = enterInterface(reader, wire);
  if (content === undefined) return;
  skipper(wire, content.id)(reader);
  reader.depth--;
}
