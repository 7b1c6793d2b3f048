import { TypeText } from "./printable.ts";

/** Go's kinds (reflect.Kind) that gob can send, and pointers, which it flattens. */
export type GoKind =
  | "bool"
  | "int"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "uintptr"
  | "float32"
  | "float64"
  | "complex64"
  | "complex128"
  | "string"
  | "interface"
  | "slice"
  | "array"
  | "map"
  | "struct"
  | "pointer";

/** The encoding method of a type that has one of its own. */
export interface EncodingMethod {
  /** Which method: GobEncode, MarshalBinary or MarshalText. */
  readonly encoding: "gob" | "binary" | "text";
  /** Whether the method is the value's or only its pointer's: decides whether a zero field is left out. */
  readonly receiver: "value" | "pointer";
}

/** One exported field of a Go struct. */
export interface GoField {
  readonly name: string;
  readonly type: GoType;
}

/** The parts of a {@link GoType} that its kind asks for; given as functions where types may be recursive. */
export interface GoTypeParts {
  /** Element of a slice, array, map or pointer. */
  readonly elem?: (() => GoType) | undefined;
  readonly key?: (() => GoType) | undefined;
  readonly length?: number | undefined;
  readonly fields?: (() => readonly GoField[]) | undefined;
  readonly method?: EncodingMethod | undefined;
}

/**
 * A Go type as gob sees it. Types have identity as in Go: unnamed ones made twice from the same parts are
 * the same object, named ones are themselves alone.
 *
 * Source: reflect.Type, as encoding/gob uses it.
 */
export class GoType {
  readonly kind: GoKind;
  /** reflect.Type.Name: without its package; empty for an unnamed type. */
  readonly name: string;
  /** Import path of a named type's package; empty for predeclared and unnamed types. */
  readonly packagePath: string;
  readonly length: number;
  readonly method: EncodingMethod | undefined;
  readonly #parts: GoTypeParts;
  #fields: readonly GoField[] | undefined;
  #pointer: GoType | undefined;
  #slice: GoType | undefined;
  readonly #arrays = new Map<number, GoType>();
  readonly #maps = new Map<GoType, GoType>();

  constructor(kind: GoKind, qualifiedName: string, parts: GoTypeParts = {}) {
    this.kind = kind;
    const split = splitName(qualifiedName);
    this.name = split.name;
    this.packagePath = split.path;
    this.length = parts.length ?? 0;
    this.method = parts.method;
    this.#parts = parts;
  }

  /** Element of a slice, array, map or pointer. */
  get elem(): GoType {
    return this.#parts.elem!();
  }

  /** Key of a map. */
  get key(): GoType {
    return this.#parts.key!();
  }

  /** Exported fields of a struct, in order. */
  get fields(): readonly GoField[] {
    this.#fields ??= this.#parts.fields?.() ?? [];
    return this.#fields;
  }

  /** The type behind all pointers. */
  get base(): GoType {
    let type: GoType = this;
    while (type.kind === "pointer") type = type.elem;
    return type;
  }

  /** Whether it, or what it points to, has an encoding method: then its structure does not matter. */
  get opaque(): EncodingMethod | undefined {
    return this.base.method;
  }

  /** reflect.Type.String: with the last element of the package path, as `mesh.PeerName`. */
  get text(): string {
    if (this.name !== "") {
      return this.packagePath === "" ? this.name : `${packageName(this.packagePath)}.${this.name}`;
    }
    switch (this.kind) {
      case "pointer":
        return `*${this.elem.text}`;
      case "slice":
        return `[]${this.elem.text}`;
      case "array":
        return `[${this.length}]${this.elem.text}`;
      case "map":
        return `map[${this.key.text}]${this.elem.text}`;
      case "interface":
        return "interface {}";
      case "struct": {
        const fields = this.fields.map((field) => `${field.name} ${field.type.text}`);
        return fields.length === 0 ? "struct {}" : `struct { ${fields.join("; ")} }`;
      }
      default:
        return this.kind;
    }
  }

  /** {@link text} for error texts, cut at 256 units: that of a type with many parts can be longer than memory. */
  get shortText(): string {
    const text = new TypeText();
    this.#spell(text);
    return text.toString();
  }

  #spell(text: TypeText): void {
    if (text.isFull) return;
    const { kind } = this;
    if (this.name !== "" || !(kind in composed)) {
      text.add(this.text);
      return;
    }
    if (kind === "struct") {
      const { fields } = this;
      text.add(fields.length === 0 ? "struct {" : "struct { ");
      for (let i = 0; i < fields.length && !text.isFull; i++) {
        text.add(`${i === 0 ? "" : "; "}${fields[i]!.name} `);
        fields[i]!.type.#spell(text);
      }
      text.add(fields.length === 0 ? "}" : " }");
      return;
    }
    if (kind === "map") {
      text.add("map[");
      this.key.#spell(text);
      text.add("]");
    } else {
      text.add(kind === "array" ? `[${this.length}]` : kind === "slice" ? "[]" : "*");
    }
    this.elem.#spell(text);
  }

  /** The name under which gob.Register files it: import path and name, but `*pkg.T` for a pointer. */
  get registeredName(): string {
    if (this.name !== "" && this.packagePath !== "") return `${this.packagePath}.${this.name}`;
    return this.text;
  }

  /** `*T` of this type. */
  get pointer(): GoType {
    this.#pointer ??= new GoType("pointer", "", { elem: () => this });
    return this.#pointer;
  }

  /** `[]T` of this type. */
  get slice(): GoType {
    this.#slice ??= new GoType("slice", "", { elem: () => this });
    return this.#slice;
  }

  /** `[length]T` of this type. */
  array(length: number): GoType {
    let type = this.#arrays.get(length);
    if (type === undefined) {
      type = new GoType("array", "", { elem: () => this, length });
      this.#arrays.set(length, type);
    }
    return type;
  }

  /** `map[T]elem` of this type. */
  mapTo(elem: GoType): GoType {
    let type = this.#maps.get(elem);
    if (type === undefined) {
      type = new GoType("map", "", { key: () => this, elem: () => elem });
      this.#maps.set(elem, type);
    }
    return type;
  }

  /** A type of another name with this one's structure, as `type Name T` makes it: methods are not taken over. */
  named(qualifiedName: string): GoType {
    return new GoType(this.kind, qualifiedName, { ...this.#parts, method: undefined });
  }
}

/** The kinds whose unnamed types are spelled by their parts. */
const composed = { pointer: true, slice: true, array: true, map: true, struct: true };

const basicTypes = new Map<GoKind, GoType>();

/** A predeclared type: `bool`, `int`, ... or the empty interface. */
export function basicType(kind: GoKind): GoType {
  let type = basicTypes.get(kind);
  if (type === undefined) {
    type = new GoType(kind, kind === "interface" ? "" : kind);
    basicTypes.set(kind, type);
  }
  return type;
}

/** Whether values of this type are sent as bytes: a slice whose element kind is uint8. */
export function isBytes(type: GoType): boolean {
  return type.kind === "slice" && type.elem.kind === "uint8";
}

/**
 * `example.com/app/geo.Point` to path and name. Type arguments keep their dots and slashes.
 * A name without a package is one of package main, except the predeclared ones.
 */
function splitName(qualifiedName: string): { path: string; name: string } {
  const bracket = qualifiedName.indexOf("[");
  const head = bracket < 0 ? qualifiedName : qualifiedName.slice(0, bracket);
  const dot = head.lastIndexOf(".");
  if (dot >= 0) return { path: qualifiedName.slice(0, dot), name: qualifiedName.slice(dot + 1) };
  const isOwn =
    qualifiedName !== "" &&
    !/^(bool|u?int(8|16|32|64)?|uintptr|float(32|64)|complex(64|128)|string)$/.test(qualifiedName);
  return { path: isOwn ? "main" : "", name: qualifiedName };
}

function packageName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
