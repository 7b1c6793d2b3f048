import { builtinIds, type Definition, type DefinitionField } from "./definition.ts";
import { type GoType, isBytes } from "./go-type.ts";

/** Anything with a Go type: schemas, mostly. */
export interface Typed {
  readonly type: GoType;
}

/** A type as one Go process knows it: its id and the name under which it was first met. */
interface ProcessType {
  id: number;
  readonly name: string;
  readonly elem?: ProcessType;
  readonly key?: ProcessType;
  readonly fields?: readonly DefinitionField[];
}

/** The parts of a type that an encoder sends: the id and, unless it is a built-in one, the definition. */
export interface TypeInfo {
  readonly id: number;
  readonly definition: Definition | undefined;
}

/** Options of a table. */
export interface TypeTableOptions {
  /** The first id given out. Default 65, as Go up to 1.19 sends it; newer Go starts at 64. */
  readonly first?: number;
}

/** The name and id that a sender gave a type, where they are known: see {@link TypeTable.assign}. */
export interface AssignOptions {
  /** The type's name on the wire, where it is not the one that this table would give. */
  readonly name?: string;
  /** The id inside the definition, where it is not the one that it is sent under. */
  readonly commonId?: number;
}

/**
 * The types of one Go *process*: which id and wire name each has. Ids belong to the process, not to an
 * encoder, so a table can be handed to many encoders; the order in which types are first used decides.
 * A struct takes its id before its fields do; a slice, array or map after its elements.
 *
 * Source: encoding/gob, type.go: newTypeObject, getTypeInfo.
 */
export class TypeTable {
  #next: number;
  readonly #types = new Map<GoType, ProcessType>();
  readonly #infos = new Map<GoType, TypeInfo>();
  readonly #assigned = new Map<GoType, AssignOptions & { readonly id: number }>();
  readonly #taken = new Set<number>();

  constructor(options: TypeTableOptions = {}) {
    this.#next = options.first ?? 65;
  }

  /**
   * Fixes the id of a schema's type, to be called before the type is used. Ids that are given out later
   * avoid it. Pointers (optional) count as what they point to.
   */
  assign(schema: Typed, id: number, options: AssignOptions = {}): this {
    const type = schema.type.base;
    this.#assigned.set(type, { ...options, id });
    this.#taken.add(id);
    return this;
  }

  /** The id of a schema's type; one that was not used before gets its id now, as in Go. */
  idOf(schema: Typed): number {
    return this.info(schema.type).id;
  }

  /** Whether the schema's type has an id, assigned or given. Built-in types always have. */
  has(schema: Typed): boolean {
    const type = schema.type.base;
    return builtinId(type) !== undefined || this.#assigned.has(type) || this.#types.has(type);
  }

  /** The types with ids of their own so far, assigned ones included, by id. */
  *entries(): Iterable<[type: GoType, id: number]> {
    const all = new Map<GoType, number>();
    for (const [type, { id }] of this.#assigned) all.set(type, id);
    for (const [type, { id }] of this.#types) if (type.kind !== "pointer") all.set(type, id);
    yield* [...all].sort((a, b) => a[1] - b[1]);
  }

  /** Id and definition of a type, built on first use together with all types in it. */
  info(type: GoType): TypeInfo {
    const base = type.base;
    const user = base.method === undefined ? base : type;
    let info = this.#infos.get(user);
    if (info === undefined) {
      info = this.#build(user, base);
      this.#infos.set(user, info);
    }
    return info;
  }

  #build(user: GoType, base: GoType): TypeInfo {
    const builtin = builtinId(base);
    if (builtin !== undefined) return { id: builtin, definition: undefined };
    const found = this.#typeOf(user.name, base);
    const { id } = found;
    if (base.method !== undefined) {
      // A pointer to such a type is a type of its own to Go, without a name, and takes an id that is
      // then only seen inside the definition.
      const own = user === base ? found : this.#pointerOf(user, base);
      return {
        id,
        definition: { kind: "opaque", encoding: base.method.encoding, ...this.#common(base, own) },
      };
    }
    return { id, definition: this.#define(base, found) };
  }

  #common(base: GoType, own: ProcessType): { name: string; commonId: number } {
    return { name: own.name, commonId: this.#assigned.get(base)?.commonId ?? own.id };
  }

  #define(type: GoType, own: ProcessType): Definition {
    const common = this.#common(type, own);
    switch (type.kind) {
      case "array":
        return { kind: "array", ...common, elem: own.elem!.id, length: type.length };
      case "slice":
        return { kind: "slice", ...common, elem: own.elem!.id };
      case "map":
        return { kind: "map", ...common, key: own.key!.id, elem: own.elem!.id };
      default:
        return { kind: "struct", ...common, fields: own.fields! };
    }
  }

  #pointerOf(user: GoType, base: GoType): ProcessType {
    const assigned = this.#assigned.get(base);
    const known = this.#types.get(user);
    if (known !== undefined) return known;
    const own: ProcessType =
      assigned === undefined
        ? { id: this.#take(), name: "" }
        : { id: assigned.commonId ?? assigned.id, name: assigned.name ?? "" };
    this.#types.set(user, own);
    return own;
  }

  /** The process's record of a type behind no pointer, made under `name` if it is new. */
  #typeOf(name: string, type: GoType): ProcessType {
    const builtin = builtinId(type);
    if (builtin !== undefined) return { id: builtin, name: type.kind };
    const known = this.#types.get(type);
    if (known !== undefined) return known;
    const assigned = this.#assigned.get(type);
    const wireName = assigned?.name ?? name;
    if (type.method !== undefined) {
      const made = { id: this.#idFor(type), name: wireName };
      this.#types.set(type, made);
      return made;
    }
    if (type.kind === "struct") return this.#struct(wireName, type);
    const made: { -readonly [K in keyof ProcessType]: ProcessType[K] } = { id: 0, name: wireName };
    this.#types.set(type, made);
    if (type.kind === "map") made.key = this.#typeOf("", type.key.base);
    // Only a slice tells its element's name; behind a pointer it has no name.
    made.elem = this.#typeOf(type.kind === "slice" ? type.elem.name : "", type.elem.base);
    if (made.id === 0) made.id = this.#idFor(type);
    if (type.kind === "slice" && made.elem.id === 0) made.elem.id = this.#idFor(type.elem.base);
    return made;
  }

  #struct(name: string, type: GoType): ProcessType {
    const fields: DefinitionField[] = [];
    const made: ProcessType = { id: this.#idFor(type), name, fields };
    this.#types.set(type, made);
    for (const field of type.fields) {
      const base = field.type.base;
      const fieldType = this.#typeOf(base.name === "" ? base.text : base.name, base);
      if (fieldType.id === 0) fieldType.id = this.#idFor(base);
      fields.push({ name: field.name, id: fieldType.id });
    }
    return made;
  }

  #idFor(type: GoType): number {
    return this.#assigned.get(type)?.id ?? this.#take();
  }

  #take(): number {
    while (this.#taken.has(this.#next)) this.#next++;
    return this.#next++;
  }
}

/** The id of a type that needs no definition, or undefined. */
export function builtinId(type: GoType): number | undefined {
  if (type.method !== undefined) return undefined;
  switch (type.kind) {
    case "bool":
      return builtinIds.bool;
    case "int":
    case "int8":
    case "int16":
    case "int32":
    case "int64":
      return builtinIds.int;
    case "uint":
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64":
    case "uintptr":
      return builtinIds.uint;
    case "float32":
    case "float64":
      return builtinIds.float;
    case "complex64":
    case "complex128":
      return builtinIds.complex;
    case "string":
      return builtinIds.string;
    case "interface":
      return builtinIds.interface;
    case "slice":
      return isBytes(type) ? builtinIds.bytes : undefined;
    default:
      return undefined;
  }
}
