import { builtinIds, type Definition } from "./definition.ts";
import { enterContent, readTypeName } from "./interface-content.ts";
import type { Reader } from "./reader.ts";
import { unknownType, type WireTypes } from "./wire-types.ts";

/** The part of a stream that a scan uses: as `MessageSource.typeSequence`, but undefined where bytes are missing. */
export interface ScanSource {
  scanTypes(reader: Reader): number | undefined;
}

/** A container that was entered and not yet left. */
type Level =
  | { readonly kind: "struct"; readonly fields: readonly { readonly id: number }[]; field: number }
  | { readonly kind: "list"; readonly parts: readonly number[]; left: number; part: number }
  | { readonly kind: "interface" };

/**
 * Finds the end of a value that goes on in messages which have not all come.
 *
 * Such a value is read again when it is complete. Trying to read it at each new message instead would take
 * quadratic time; the scan remembers where it is and passes over each byte once. It keeps its own stack, so
 * that going on costs the same however deep in the value it is.
 */
export class Scan {
  readonly reader: Reader;
  readonly #wire: WireTypes;
  readonly #source: ScanSource;
  readonly #levels: Level[] = [];
  /** The interface's name was read, and its type is the next thing to read. */
  #isAtTypes = false;

  /** Begins at the reader's position, where a value of type `id` begins. */
  constructor(reader: Reader, wire: WireTypes, source: ScanSource, id: number) {
    this.reader = reader;
    this.#wire = wire;
    this.#source = source;
    this.#enter(id);
  }

  /**
   * Goes on as far as the bytes reach. Returns whether the value is complete.
   * Errors: those of {@link Reader} for broken bytes; `unknown-type`.
   */
  advance(): boolean {
    for (;;) {
      if (this.#isAtTypes) {
        const id = this.#source.scanTypes(this.reader);
        if (id === undefined) return false;
        this.#isAtTypes = false;
        enterContent(this.reader, this.#wire, id);
        this.#levels.push({ kind: "interface" });
        this.#enter(id);
        continue;
      }
      const level = this.#levels.at(-1);
      if (level === undefined) return true;
      const next = this.#nextPart(level);
      if (next !== undefined) {
        this.#enter(next);
      } else {
        this.#levels.pop();
        this.reader.depth--;
      }
    }
  }

  /** The type of the next value in a container, or undefined at its end. */
  #nextPart(level: Level): number | undefined {
    if (level.kind === "interface") return undefined;
    if (level.kind === "list") {
      if (level.left === 0) return undefined;
      const part = level.parts[level.part]!;
      level.part = (level.part + 1) % level.parts.length;
      if (level.part === 0) level.left--;
      return part;
    }
    const step = this.reader.fieldStep();
    if (step === 0) return undefined;
    level.field += step;
    const field = level.fields[level.field];
    if (field === undefined) {
      const text = `field number ${level.field} in a struct of ${level.fields.length} fields`;
      throw this.reader.fail("corrupt", text);
    }
    return field.id;
  }

  /** Passes over a value without parts, or enters one that has some. */
  #enter(id: number): void {
    const { reader } = this;
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
        this.#isAtTypes = readTypeName(reader) !== "";
        return;
    }
    const definition = this.#wire.get(id)?.definition;
    if (definition === undefined) throw unknownType(id);
    if (definition.kind === "opaque") reader.skip(reader.length("value"));
    else this.#enterContainer(id, definition);
  }

  #enterContainer(id: number, definition: Exclude<Definition, { kind: "opaque" }>): void {
    const { reader } = this;
    reader.enter();
    if (definition.kind === "struct") {
      this.#levels.push({ kind: "struct", fields: definition.fields, field: -1 });
      return;
    }
    const parts = definition.kind === "map" ? [definition.key, definition.elem] : [definition.elem];
    const count = reader.count(!this.#wire.holdsInterface(id), 0);
    if (definition.kind === "array" && count !== definition.length) {
      throw reader.fail("corrupt", `${count} elements in an array of ${definition.length}`);
    }
    this.#levels.push({ kind: "list", parts, left: count, part: 0 });
  }
}
