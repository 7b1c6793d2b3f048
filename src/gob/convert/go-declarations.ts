import type { WireType } from "../dynamic/wire-type.ts";
import type { CollectedTypes } from "./collect.ts";
import { chooseNames, type DeclaredNames } from "./names.ts";

const keywords = new Set(
  `break case chan const continue default defer else fallthrough for func go goto if import interface map
  package range return select struct switch type var any bool byte comparable complex64 complex128 error
  float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr true false
  nil iota append cap clear close complex copy delete imag len make max min new panic print println real
  recover init main`.split(/\s+/),
);

const builtins: Readonly<Record<string, string>> = {
  bool: "bool",
  int: "int64",
  uint: "uint64",
  float: "float64",
  bytes: "[]byte",
  string: "string",
  complex: "complex128",
  interface: "any",
};

/**
 * Go declarations of the types in a stream, into which Go can decode it. The wire does not know everything:
 * integers and floats are given their widest types, fields that hold their own struct become pointers, and
 * an opaque type keeps its bytes.
 */
export function toGoDeclarations({ types, top, registered }: CollectedTypes): string {
  const names = chooseNames(types, keywords);
  const blocks = [...names].map(([type, name]) => declare(type, name, names));
  const comments: string[] = [];
  if (top.length > 0)
    comments.push(`// Top-level values: ${top.map((type) => spell(type, names)).join(", ")}`);
  for (const [name, type] of registered)
    comments.push(`// Registered as ${JSON.stringify(name)}: ${spell(type, names)}`);
  return `${[comments.join("\n"), ...blocks].filter((block) => block !== "").join("\n\n")}\n`;
}

function declare(type: WireType, name: string, names: DeclaredNames): string {
  if (type.kind === "opaque") return declareOpaque(type, name);
  if (type.kind !== "struct") return `type ${name} ${spellStructure(type, names)}`;
  const width = Math.max(0, ...type.fields.map((field) => field.name.length));
  const fields = type.fields.map((field) => {
    const star = field.type !== type && !holds(field.type, type) ? "" : "*";
    return `\t${field.name.padEnd(width)} ${star}${spell(field.type, names)}`;
  });
  return fields.length === 0 ? `type ${name} struct{}` : `type ${name} struct {\n${fields.join("\n")}\n}`;
}

/** Whether a type holds a struct by value, directly or through structs and arrays. */
function holds(type: WireType, struct: WireType, seen: Set<WireType> = new Set()): boolean {
  if (seen.has(type)) return false;
  seen.add(type);
  if (type.kind === "struct") {
    return type.fields.some((field) => field.type === struct || holds(field.type, struct, seen));
  }
  return type.kind === "array" && (type.elem === struct || holds(type.elem, struct, seen));
}

const methods = {
  gob: ["GobEncode", "GobDecode"],
  binary: ["MarshalBinary", "UnmarshalBinary"],
  text: ["MarshalText", "UnmarshalText"],
} as const;

function declareOpaque(type: WireType, name: string): string {
  const [encode, decode] = methods[type.encoding];
  return `// ${name} is opaque: these are the bytes that ${encode} gave.
type ${name} struct{ bytes []byte }

func (o ${name}) ${encode}() ([]byte, error) { return o.bytes, nil }

func (o *${name}) ${decode}(b []byte) error {
\to.bytes = append([]byte(nil), b...)
\treturn nil
}`;
}

function spell(type: WireType, names: DeclaredNames): string {
  return names.get(type) ?? builtins[type.kind] ?? spellStructure(type, names);
}

function spellStructure(type: WireType, names: DeclaredNames): string {
  switch (type.kind) {
    case "slice":
      return `[]${spell(type.elem, names)}`;
    case "array":
      return `[${type.length}]${spell(type.elem, names)}`;
    default:
      return `map[${spell(type.key, names)}]${spell(type.elem, names)}`;
  }
}
