import { builtinIds } from "./definition.ts";
import { enterContent, readTypeName } from "./interface-content.ts";
import type { Reader } from "./reader.ts";
import { unknownType, type WireTypes } from "./wire-types.ts";

/** What a scan asks of its stream: as `MessageSource.typeSequence`, but undefined where bytes are missing. */
export interface ScanSource {
  scanTypes(reader: Reader): number | undefined;
}

/** A scan under way: each `next()` goes on as far as the bytes reach; done when the value is complete. */
export type Scan = Generator<undefined, void, undefined>;

/**
 * Finds the end of a value that goes on in messages which have not all come.
 *
 * Such a value is read anew when it is complete. Trying to read it at each new message instead would take
 * quadratic time, which a stranger could use; the scan remembers where it is and looks at each byte once.
 */
export function* scanValue(reader: Reader, wire: WireTypes, source: ScanSource, id: number): Scan {
  switch (id) {
    case builtinIds.bool:
    case builtinIds.int:
    case builtinIds.uint:
    case builtinIds.float:
      reader.skipUint();
      return;
    case builtinIds.complex:
      reader.skipUint();
      reader.skipUint();
      return;
    case builtinIds.bytes:
    case builtinIds.string:
      reader.skip(reader.length("value"));
      return;
    case builtinIds.interface:
      yield* scanInterface(reader, wire, source);
      return;
  }
  const definition = wire.get(id)?.definition;
  if (definition === undefined) throw unknownType(id);
  if (definition.kind === "opaque") {
    reader.skip(reader.length("value"));
    return;
  }
  reader.enter();
  if (definition.kind === "struct") {
    let field = -1;
    for (let step = reader.fieldStep(); step !== 0; step = reader.fieldStep()) {
      field += step;
      const type = definition.fields[field];
      if (type === undefined) {
        throw reader.fail(
          "corrupt",
          `field number ${field} in a struct of ${definition.fields.length} fields`,
        );
      }
      yield* scanValue(reader, wire, source, type.id);
    }
  } else {
    const parts = definition.kind === "map" ? [definition.key, definition.elem] : [definition.elem];
    const count = reader.count(!wire.holdsInterface(id));
    if (definition.kind === "array" && count !== definition.length) {
      throw reader.fail("corrupt", `${count} elements in an array of ${definition.length}`);
    }
    for (let i = 0; i < count; i++) for (const part of parts) yield* scanValue(reader, wire, source, part);
  }
  reader.depth--;
}

function* scanInterface(reader: Reader, wire: WireTypes, source: ScanSource): Scan {
  if (readTypeName(reader) === "") return;
  let id = source.scanTypes(reader);
  for (; id === undefined; id = source.scanTypes(reader)) yield;
  enterContent(reader, wire, id);
  yield* scanValue(reader, wire, source, id);
  reader.depth--;
}
