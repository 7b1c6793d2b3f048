import { builtinIds, type Definition, firstDefinableId } from "./definition.ts";
import { GobError } from "./errors.ts";
import type { GoType } from "./go-type.ts";
import { IdMap } from "./id-map.ts";
import { InterfaceHolders } from "./interface-holders.ts";
import { maxTypeText, printable, TypeText } from "./printable.ts";
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

const builtinNames = new Map<number, string>(Object.entries(builtinIds).map(([name, id]) => [id, name]));

/** Never added to. */
const noIds: number[] = [];

/**
 * The types that one stream has defined, and the functions compiled for them. One per decoder.
 */
export class WireTypes {
  #table: TypeTable | undefined;
  // All made when first needed: many streams hold built-in types alone, and last for one message.
  #definitions: IdMap<ReceivedDefinition> | undefined;
  #ids: number[] = noIds;
  #readers: Map<object, IdMap<ReadFunction>> | undefined;
  #failures: Map<object, IdMap<GobError>> | undefined;
  #compiled: [key: object, id: number][] | undefined;
  #matched: Set<GoType> | undefined;
  #interfaceHolders: InterfaceHolders | undefined;
  #texts: IdMap<string> | undefined;
  #answers: Map<object, IdMap<boolean>> | undefined;

  /** Ids and names as the sender has them, for each schema that was matched. */
  get table(): TypeTable {
    this.#table ??= new TypeTable();
    return this.#table;
  }

  get size(): number {
    return this.#ids.length;
  }

  /** The ids that were defined, in order. */
  ids(): Iterable<number> {
    return this.#ids;
  }

  /** The definition of an id, or undefined for built-in and unknown ones. */
  get(id: number): ReceivedDefinition | undefined {
    return this.#definitions?.get(id);
  }

  /** Adds a definition. Errors: `duplicate-type`. */
  define(received: ReceivedDefinition): void {
    const { id, offset, definition } = received;
    if (id < firstDefinableId) throw new GobError("duplicate-type", `type id ${id} is reserved`, { offset });
    if (this.#definitions === undefined) {
      this.#definitions = new IdMap();
      this.#ids = [];
    }
    if (this.#definitions.has(id)) {
      throw new GobError("duplicate-type", `type id ${id} was defined before`, { offset });
    }
    this.#definitions.set(id, received);
    this.#ids.push(id);
    this.#texts = undefined;
    this.#interfaceHolders?.add(id, definition);
  }

  /** The function that reads values of wire type `id` by `schema`. Errors: `type-mismatch`, `unknown-type`. */
  reader<T>(schema: Schema<T>, id: number): ReadFunction<T> {
    const target = schema.resolve();
    const direct = target.directRead(id);
    if (direct !== undefined) return direct as ReadFunction<T>;
    const known = this.#readers?.get(target)?.get(id);
    if (known !== undefined) return known as ReadFunction<T>;
    const failure = this.#failures?.get(target)?.get(id);
    if (failure !== undefined) throw failure.again();
    try {
      const read = this.compile(() => target.compileRead(this, id));
      this.remember(target, id, read);
      return read as ReadFunction<T>;
    } catch (error) {
      if (error instanceof GobError && error.code === "type-mismatch")
        this.#rememberFailure(target, id, error);
      throw error;
    }
  }

  /** Definitions never change, so that a type which does not fit a schema is searched for the reason only once. */
  #rememberFailure(target: object, id: number, error: GobError): void {
    if (this.#compiled !== undefined) return;
    this.#failures ??= new Map();
    let failures = this.#failures.get(target);
    if (failures === undefined) {
      failures = new IdMap();
      this.#failures.set(target, failures);
    }
    failures.set(id, error.again());
  }

  /**
   * Runs a compilation, which registers the functions of its parts by {@link remember}. Those of one that fails
   * are forgotten, as they are not complete.
   */
  compile(make: () => ReadFunction): ReadFunction {
    if (this.#compiled !== undefined) return make();
    const compiled: [key: object, id: number][] = [];
    this.#compiled = compiled;
    try {
      return make();
    } catch (error) {
      for (const [key, id] of compiled) this.#readers?.get(key)?.delete(id);
      throw error;
    } finally {
      this.#compiled = undefined;
    }
  }

  /** Registers a function under a key (a schema, or any object that stands for another way of reading). */
  remember(key: object, id: number, read: ReadFunction): void {
    this.#readers ??= new Map();
    let readers = this.#readers.get(key);
    if (readers === undefined) {
      readers = new IdMap();
      this.#readers.set(key, readers);
    }
    readers.set(id, read);
    this.#compiled?.push([key, id]);
  }

  /** Returns whether something holds for a key and a type, asked only once: definitions never change. */
  once(key: object, id: number, ask: () => boolean): boolean {
    this.#answers ??= new Map();
    let answers = this.#answers.get(key);
    if (answers === undefined) {
      answers = new IdMap();
      this.#answers.set(key, answers);
    }
    let answer = answers.get(id);
    if (answer === undefined) {
      answer = ask();
      answers.set(id, answer);
    }
    return answer;
  }

  /** The function that {@link remember} registered. */
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
    const received = this.#definitions?.get(id);
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
    if (this.#definitions?.has(id) !== true && (id >= firstDefinableId || id <= 0)) throw unknownType(id);
    throw this.mismatch(schema, id);
  }

  /** The error for a wire type that does not fit a schema. */
  mismatch(schema: AnySchema, id: number): GobError {
    return new GobError("type-mismatch", `cannot decode ${this.text(id)} as ${schema.type.shortText}`);
  }

  /**
   * Returns a wire type for people: spelled by structure, structs and opaque types by name. Escaped, and cut at
   * {@link maxTypeText}: a type that has another one twice, and that one a third one twice, has a text that doubles
   * with each level.
   */
  text(id: number): string {
    this.#texts ??= new IdMap();
    let text = this.#texts.get(id);
    if (text === undefined) {
      const short = new TypeText();
      this.#spell(id, short, new Set());
      text = short.toString();
      this.#texts.set(id, text);
    }
    return text;
  }

  #spell(id: number, text: TypeText, within: Set<number>): void {
    if (text.isFull) return;
    const definition = this.#definitions?.get(id)?.definition;
    if (definition === undefined) {
      text.add(builtinNames.get(id) ?? `unknown type ${id}`);
      return;
    }
    if (definition.kind === "struct" || definition.kind === "opaque") {
      text.add(printable(definition.name, maxTypeText + 1) || definition.kind);
      return;
    }
    if (within.has(id)) {
      text.add("...");
      return;
    }
    within.add(id);
    if (definition.kind === "slice") text.add("[]");
    else if (definition.kind === "array") text.add(`[${definition.length}]`);
    else {
      text.add("map[");
      this.#spell(definition.key, text, within);
      text.add("]");
    }
    this.#spell(definition.elem, text, within);
    within.delete(id);
  }

  /** Whether top-level and interface values of this type have a zero byte before them: all but structs do. */
  isSingleton(id: number): boolean {
    return this.#definitions?.get(id)?.definition.kind !== "struct";
  }

  /**
   * Whether values of `id` can hold interface values: these may go on in the next message, so the bytes left
   * in this one do not bound their number.
   */
  holdsInterface(id: number): boolean {
    if (this.#interfaceHolders === undefined) {
      this.#interfaceHolders = new InterfaceHolders();
      for (const known of this.#ids) this.#interfaceHolders.add(known, this.get(known)!.definition);
    }
    return this.#interfaceHolders.has(id);
  }
}

/** The error for an id without a definition. */
export function unknownType(id: number): GobError {
  return new GobError("unknown-type", `type id ${id} is not defined`);
}
