import { builtinIds, type Definition, firstDefinableId } from "./definition.ts";
import { GobError } from "./errors.ts";
import type { GoType } from "./go-type.ts";
import type { AnySchema, ReadFunction, Schema } from "./schema.ts";
import { TypeTable } from "./type-table.ts";

/** A definition and where in the stream it stood. */
export interface ReceivedDefinition {
  readonly id: number;
  readonly definition: Definition;
  /** Offset of its id, and of the byte after it. */
  readonly offset: number;
  readonly end: number;
}

/**
 * The types that one stream has defined, and the functions compiled for them. One per decoder.
 */
export class WireTypes {
  #table: TypeTable | undefined;
  readonly #definitions = new Map<number, ReceivedDefinition>();
  // Made when first needed: many streams hold built-in types alone, and last for one message.
  #readers: Map<object, Map<number, ReadFunction>> | undefined;
  #matched: Set<GoType> | undefined;
  #interfaceHolders: Map<number, boolean> | undefined;

  /** Ids and names as the sender has them, for each schema that was matched. */
  get table(): TypeTable {
    this.#table ??= new TypeTable();
    return this.#table;
  }

  get size(): number {
    return this.#definitions.size;
  }

  /** The ids that were defined, in order. */
  ids(): Iterable<number> {
    return this.#definitions.keys();
  }

  /** The definition of an id, or undefined for built-in and unknown ones. */
  get(id: number): ReceivedDefinition | undefined {
    return this.#definitions.get(id);
  }

  /**
   * Adds a definition. The same one again, from the same offset, is a value read anew after more bytes came.
   * Errors: `duplicate-type`.
   */
  define(received: ReceivedDefinition): void {
    const { id, offset } = received;
    if (id < firstDefinableId) throw new GobError("duplicate-type", `type id ${id} is reserved`, { offset });
    const known = this.#definitions.get(id);
    if (known !== undefined && known.offset !== offset) {
      throw new GobError("duplicate-type", `type id ${id} was defined before`, { offset });
    }
    this.#definitions.set(id, received);
  }

  /** The function that reads values of wire type `id` by `schema`. */
  reader<T>(schema: Schema<T>, id: number): ReadFunction<T> {
    const target = schema.resolve();
    const direct = target.directRead(id);
    if (direct !== undefined) return direct as ReadFunction<T>;
    const known = this.#readers?.get(target)?.get(id);
    if (known !== undefined) return known as ReadFunction<T>;
    const read = target.compileRead(this, id);
    this.remember(target, id, read);
    return read as ReadFunction<T>;
  }

  /** Registers a function under a key (a schema, or any object that stands for another way of reading). */
  remember(key: object, id: number, read: ReadFunction): void {
    this.#readers ??= new Map();
    let readers = this.#readers.get(key);
    if (readers === undefined) {
      readers = new Map();
      this.#readers.set(key, readers);
    }
    readers.set(id, read);
  }

  /** Drops all compiled functions. */
  forgetReaders(): void {
    this.#readers = undefined;
  }

  /** What {@link remember} registered. */
  remembered(key: object, id: number): ReadFunction | undefined {
    return this.#readers?.get(key)?.get(id);
  }

  /**
   * The definition of `id`, which must be of `kind`; notes it as the sender's definition of the schema's type.
   * Errors: `unknown-type`, `type-mismatch`.
   */
  match<K extends Definition["kind"]>(
    schema: AnySchema,
    id: number,
    kind: K,
  ): Extract<Definition, { kind: K }> {
    const received = this.#definitions.get(id);
    if (received === undefined) {
      if (id >= firstDefinableId || id <= 0) throw unknownType(id);
      throw this.mismatch(schema, id);
    }
    const { definition } = received;
    if (definition.kind !== kind) throw this.mismatch(schema, id);
    const type = schema.type.base;
    this.#matched ??= new Set();
    if (!this.#matched.has(type)) {
      this.#matched.add(type);
      this.table.assign(schema, id, { name: definition.name, commonId: definition.commonId });
    }
    return definition as Extract<Definition, { kind: K }>;
  }

  /** Checks that `id` is the built-in type of that name. Errors: `unknown-type`, `type-mismatch`. */
  expect(schema: AnySchema, id: number, builtin: keyof typeof builtinIds): void {
    if (id === builtinIds[builtin]) return;
    if (!this.#definitions.has(id) && (id >= firstDefinableId || id <= 0)) throw unknownType(id);
    throw this.mismatch(schema, id);
  }

  /** The error for a wire type that does not fit a schema. */
  mismatch(schema: AnySchema, id: number): GobError {
    return new GobError("type-mismatch", `cannot decode ${this.text(id)} as ${schema.type.text}`);
  }

  /** A wire type for people: spelled by structure, structs and opaque types by name. */
  text(id: number, within: ReadonlySet<number> = new Set()): string {
    const received = this.#definitions.get(id);
    if (received === undefined) {
      for (const [name, builtin] of Object.entries(builtinIds)) if (builtin === id) return name;
      return `unknown type ${id}`;
    }
    const { definition } = received;
    if (definition.kind === "struct") return definition.name || "struct";
    if (definition.kind === "opaque") return definition.name || "opaque";
    if (within.has(id)) return "...";
    const inside = new Set(within).add(id);
    const elem = this.text(definition.elem, inside);
    if (definition.kind === "slice") return `[]${elem}`;
    if (definition.kind === "array") return `[${definition.length}]${elem}`;
    return `map[${this.text(definition.key, inside)}]${elem}`;
  }

  /** Whether top-level and interface values of this type have a zero byte before them: all but structs do. */
  isSingleton(id: number): boolean {
    return this.#definitions.get(id)?.definition.kind !== "struct";
  }

  /**
   * Whether values of `id` can hold interface values: these may go on in the next message, so the bytes left
   * in this one do not bound their number.
   */
  holdsInterface(id: number): boolean {
    if (id === builtinIds.interface) return true;
    this.#interfaceHolders ??= new Map();
    const known = this.#interfaceHolders.get(id);
    if (known !== undefined) return known;
    const found = this.#searchInterface(id, new Set());
    this.#interfaceHolders.set(id, found);
    return found;
  }

  #searchInterface(id: number, seen: Set<number>): boolean {
    if (id === builtinIds.interface) return true;
    const definition = this.#definitions.get(id)?.definition;
    if (definition === undefined || seen.has(id)) return false;
    seen.add(id);
    switch (definition.kind) {
      case "struct":
        return definition.fields.some((field) => this.#searchInterface(field.id, seen));
      case "map":
        return this.#searchInterface(definition.key, seen) || this.#searchInterface(definition.elem, seen);
      case "opaque":
        return false;
      default:
        return this.#searchInterface(definition.elem, seen);
    }
  }
}

/** The error for an id without a definition. */
export function unknownType(id: number): GobError {
  return new GobError("unknown-type", `type id ${id} is not defined`);
}
