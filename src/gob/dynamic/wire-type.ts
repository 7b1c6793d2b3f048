import { builtinIds, type Definition } from "../definition.ts";
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

/**
 * A type as one stream defined it. Within a stream there is one object for each id. Parts that were never
 * defined are an error only when they are asked for: `unknown-type`.
 */
export class WireType {
  readonly id: number;
  readonly kind: WireKind;
  /** What the stream sent to define it; undefined for a built-in type. */
  readonly definition: Definition | undefined;
  readonly #wire: WireTypes;
  #fields: readonly WireField[] | undefined;

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

  /** @internal All types of its stream. */
  siblings(): WireType[] {
    return [...this.#wire.ids()].map((id) => wireType(this.#wire, id));
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

  /** How an opaque type's bytes were made: by GobEncode, MarshalBinary or MarshalText. */
  get encoding(): "gob" | "binary" | "text" {
    if (this.definition?.kind !== "opaque") throw new TypeError(`${this.text} is not opaque`);
    return this.definition.encoding;
  }

  /**
   * The type for people: `int`, `[]string`, `map[string]point`. Slices, arrays and maps are spelled by
   * structure, with `...` where one contains itself; structs and opaque types go by their names, or `struct`
   * and `opaque`.
   */
  get text(): string {
    return this.#wire.text(this.id);
  }
}

const known = new WeakMap<WireTypes, Map<number, WireType>>();

/** The type that a stream knows under `id`. Errors: `unknown-type`. */
export function wireType(wire: WireTypes, id: number): WireType {
  let types = known.get(wire);
  if (types === undefined) {
    types = new Map();
    known.set(wire, types);
  }
  let type = types.get(id);
  if (type === undefined) {
    type = new WireType(wire, id);
    types.set(id, type);
  }
  return type;
}

/** All types that the stream of `type` has defined so far, in the order of their definitions. */
export function wireTypesOf(type: WireType): WireType[] {
  return type.siblings();
}
