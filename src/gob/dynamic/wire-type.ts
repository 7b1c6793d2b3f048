import { builtinIds, type Definition } from "../definition.ts";
import { IdMap } from "../id-map.ts";
import { unknownType, type WireTypes } from "../wire-types.ts";

/** The kinds of types that the wire knows. */
export type WireKind = keyof typeof builtinIds | Definition["kind"];

const builtinKinds = new Map(
  Object.entries(builtinIds).map(([kind, id]) => [id as number, kind as WireKind]),
);

/** One field of a struct type. */
export interface WireField {
  readonly name: string;
  readonly type: WireType;
}

/** A field and its place in its struct, from 0. */
export interface IndexedField {
  readonly index: number;
  readonly field: WireField;
}

/**
 * A type as one stream defined it. Within a stream there is one object for each id. Parts that were never
 * defined are an error only when they are asked for: `unknown-type`.
 */
export class WireType {
  readonly id: number;
  readonly kind: WireKind;
  /** The definition that the stream sent; undefined for a built-in type. */
  readonly definition: Definition | undefined;
  readonly #wire: WireTypes;
  #fields: readonly WireField[] | undefined;
  #byName: ReadonlyMap<string, IndexedField> | undefined;

  /** @internal Use {@link wireType}. */
  constructor(wire: WireTypes, id: number) {
    const definition = wire.get(id)?.definition;
    const kind = definition?.kind ?? builtinKinds.get(id);
    if (kind === undefined) throw unknownType(id);
    this.id = id;
    this.kind = kind;
    this.definition = definition;
    this.#wire = wire;
  }

  /** @internal The ids of the types that it is made of: a map's key and element, a struct's fields in order. */
  partIds(): readonly number[] {
    const { definition } = this;
    switch (definition?.kind) {
      case "struct":
        return definition.fields.map(({ id }) => id);
      case "map":
        return [definition.key, definition.elem];
      case "slice":
      case "array":
        return [definition.elem];
      default:
        return [];
    }
  }

  /** @internal A type of the same stream, or undefined if it was never defined. */
  sibling(id: number): WireType | undefined {
    const isKnown = this.#wire.get(id) !== undefined || builtinKinds.has(id);
    return isKnown ? wireType(this.#wire, id) : undefined;
  }

  /** @internal The field of that name of a struct, or undefined. */
  fieldNamed(name: string): IndexedField | undefined {
    this.#byName ??= new Map(this.fields.map((field, index) => [field.name, { index, field }]));
    return this.#byName.get(name);
  }

  /** The name in its definition; empty if it has none. */
  get name(): string {
    return this.definition?.name ?? "";
  }

  /** Element of a slice, array or map. */
  get elem(): WireType {
    const { definition } = this;
    if (definition === undefined || !("elem" in definition))
      throw new TypeError(`${this.text} has no elements`);
    return wireType(this.#wire, definition.elem);
  }

  /** Key of a map. */
  get key(): WireType {
    if (this.definition?.kind !== "map") throw new TypeError(`${this.text} has no keys`);
    return wireType(this.#wire, this.definition.key);
  }

  /** Length of an array. */
  get length(): number {
    if (this.definition?.kind !== "array") throw new TypeError(`${this.text} has no length`);
    return this.definition.length;
  }

  /** Fields of a struct, in order. */
  get fields(): readonly WireField[] {
    if (this.definition?.kind !== "struct") throw new TypeError(`${this.text} has no fields`);
    this.#fields ??= this.definition.fields.map(({ name, id }) => ({ name, type: wireType(this.#wire, id) }));
    return this.#fields;
  }

  /** The method that made an opaque type's bytes: GobEncode, MarshalBinary or MarshalText. */
  get encoding(): "gob" | "binary" | "text" {
    if (this.definition?.kind !== "opaque") throw new TypeError(`${this.text} is not opaque`);
    return this.definition.encoding;
  }

  /**
   * The type for people: `int`, `[]string`, `map[string]point`. Slices, arrays and maps are spelled by
   * structure, with `...` where one contains itself; structs and opaque types go by their names, or `struct`
   * and `opaque`. What cannot be seen is escaped, and a text of more than 256 units ends in `…`.
   */
  get text(): string {
    return this.#wire.text(this.id);
  }
}

const known = new WeakMap<WireTypes, IdMap<WireType>>();

/** The type that a stream knows under `id`. Errors: `unknown-type`. */
export function wireType(wire: WireTypes, id: number): WireType {
  let types = known.get(wire);
  if (types === undefined) {
    types = new IdMap();
    known.set(wire, types);
  }
  let type = types.get(id);
  if (type === undefined) {
    type = new WireType(wire, id);
    types.set(id, type);
  }
  return type;
}

/** All types that a stream has defined so far, in the order of their definitions. */
export function typesOf(wire: WireTypes): WireType[] {
  return Array.from(wire.ids(), (id) => wireType(wire, id));
}
