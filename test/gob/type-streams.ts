import { type Definition, writeDefinition } from "../../src/gob/definition.ts";
import { Writer } from "../../src/gob/writer.ts";

// Streams that no Go program sends: types that share their parts, chains of types, types with many fields.

/** A definition without the parts that are the same in all of them. */
export type Shape =
  | { readonly kind: "slice"; readonly elem: number }
  | { readonly kind: "array"; readonly elem: number; readonly length: number }
  | { readonly kind: "map"; readonly key: number; readonly elem: number }
  | { readonly kind: "opaque"; readonly encoding: "gob" | "binary" | "text" }
  | { readonly kind: "struct"; readonly fields: readonly { readonly name: string; readonly id: number }[] };

/** The ids of built-in types. */
export const ids = { bool: 1, int: 2, uint: 3, float: 4, bytes: 5, string: 6, complex: 7, interface: 8 };

/** The first id of the streams made here. */
export const firstId = 65;

/** Puts messages together that are not all valid. */
export class StreamWriter {
  readonly #parts: Uint8Array[] = [];

  /** Adds a message that defines `id`. */
  define(id: number, shape: Shape, name = ""): this {
    const writer = new Writer();
    writer.reset();
    writer.int(-id);
    writeDefinition(writer, { name, commonId: id, ...shape } as Definition);
    this.#parts.push(writer.finish());
    return this;
  }

  /** Adds a message with a value of type `id`, with the zero byte before it unless it is a struct. */
  value(id: number, content: Uint8Array | readonly number[], isStruct = false): this {
    const writer = new Writer();
    writer.reset();
    writer.int(id);
    if (!isStruct) writer.byte(0);
    writer.raw(Uint8Array.from(content));
    this.#parts.push(writer.finish());
    return this;
  }

  /** Returns all messages in one piece. */
  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#parts));
  }
}

/** Returns a uint as gob writes it. */
export function uint(value: number): number[] {
  if (value < 0x80) return [value];
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x100 - bytes.length, ...bytes];
}

/** Map types of which each has the next one as key and as element; the first has `firstId`. */
export function doublingMaps(levels: number, stream = new StreamWriter()): StreamWriter {
  for (let i = 0; i < levels; i++) {
    const id = firstId + i;
    const next = i === levels - 1 ? ids.int : id + 1;
    stream.define(id, { kind: "map", key: next, elem: next });
  }
  return stream;
}

/** Structs of which each has two fields of the next one. */
export function doublingStructs(levels: number, stream = new StreamWriter()): StreamWriter {
  for (let i = 0; i < levels; i++) {
    const id = firstId + i;
    const next = i === levels - 1 ? ids.int : id + 1;
    const fields = ["L", "R"].map((name) => ({ name, id: next }));
    stream.define(id, { kind: "struct", fields }, `T${i}`);
  }
  return stream;
}

/** Slice types of which each has the next one as element. */
export function sliceChain(levels: number, stream = new StreamWriter()): StreamWriter {
  for (let i = 0; i < levels; i++) {
    stream.define(firstId + i, { kind: "slice", elem: i === levels - 1 ? ids.int : firstId + i + 1 });
  }
  return stream;
}

/** A struct of `count` fields of type `id`. */
export function wideStruct(count: number, id: number, stream = new StreamWriter()): StreamWriter {
  const fields = Array.from({ length: count }, (_, index) => ({ name: `F${index}`, id }));
  return stream.define(firstId, { kind: "struct", fields }, "Wide");
}
