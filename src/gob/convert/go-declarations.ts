import type { DefinitionField } from "../definition.ts";
import type { WireType } from "../dynamic/wire-type.ts";
import { maxText, quotedShort } from "../printable.ts";
import type { CollectedTypes } from "./collect.ts";
import { chooseNames, type DeclaredNames, isExported } from "./names.ts";
import { cycles, inlineParts } from "./type-graph.ts";

const keywords = new Set(
  `break case chan const continue default defer else fallthrough for func go goto if import interface map
  package range return select struct switch type var any bool byte comparable complex64 complex128 error
  float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr true false
  nil iota append cap clear close complex copy delete imag len make max min new panic print println real
  recover init main _`.split(/\s+/),
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

/** Names of fields are aligned up to this width. */
const widestColumn = 40;

/** The types of a stream on their way to source. */
interface Declarations {
  readonly names: DeclaredNames;
  /** Whether each of two structs holds the other, or a struct itself, by value. */
  readonly holdEachOther: (a: WireType, b: WireType) => boolean;
}

/**
 * Returns Go declarations of the types in a stream, into which Go can decode it. The wire does not know
 * everything: integers and floats are given their widest types, fields that hold their own struct become
 * pointers, and an opaque type keeps its bytes. A field whose name Go could not have sent or that is longer than 1 KiB is
 * left out, and a comment tells its name in escaped form; no name gets into the source unless it is an identifier.
 */
export function toGoDeclarations({ types, top, registered }: CollectedTypes): string {
  const names = chooseNames(types, keywords);
  const declarations = { names, holdEachOther: cycles(types, inlineParts) };
  const blocks = [...names].map(([type, name]) => declare(type, name, declarations));
  const comments: string[] = [];
  if (top.length > 0)
    comments.push(`// Top-level values: ${top.map((type) => spell(type, names)).join(", ")}`);
  for (const [name, type] of registered)
    comments.push(`// Registered as ${quotedShort(name)}: ${spell(type, names)}`);
  return `${[comments.join("\n"), ...blocks].filter((block) => block !== "").join("\n\n")}\n`;
}

function declare(type: WireType, name: string, declarations: Declarations): string {
  if (type.kind === "opaque") return declareOpaque(type, name);
  const { definition } = type;
  if (definition?.kind !== "struct") return `type ${name} ${spellStructure(type, declarations.names)}`;
  if (definition.fields.length === 0) return `type ${name} struct{}`;
  const width = definition.fields.reduce((widest, field) => Math.max(widest, columnWidth(field)), 0);
  const lines = definition.fields.map((field) => `\t${fieldLine(type, field, width, declarations)}`);
  return `type ${name} struct {\n${lines.join("\n")}\n}`;
}

function columnWidth({ name }: DefinitionField): number {
  return name.length <= widestColumn && isExported(name) ? name.length : 0;
}

function fieldLine(
  struct: WireType,
  { name, id }: DefinitionField,
  width: number,
  { names, holdEachOther }: Declarations,
): string {
  if (!isExported(name) || name.length > maxText) {
    return `// left out: a field named ${escapedName(name)}`;
  }
  const type = struct.sibling(id);
  const isPointer = type !== undefined && holdEachOther(struct, type);
  return `${name.padEnd(width)} ${isPointer ? "*" : ""}${spellPart(struct, id, names)}`;
}

/** The beginning of a name that is no Go code: everything but letters, digits and underscores is escaped. */
function escapedName(name: string): string {
  const shown = name.slice(0, 64).replace(/[^\p{L}\p{Nd}_]/gu, (character) => {
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
  return name.length > 64 ? `${shown}…` : shown;
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

/** The spelling of a part of `whole`, which the stream may not have defined. */
function spellPart(whole: WireType, id: number, names: DeclaredNames): string {
  const type = whole.sibling(id);
  return type === undefined ? `struct{} /* type ${id} was never defined */` : spell(type, names);
}

/** Short: {@link chooseNames} declares every type whose spelling would be long. */
function spellStructure(type: WireType, names: DeclaredNames): string {
  const { definition } = type;
  switch (definition?.kind) {
    case "slice":
      return `[]${spellPart(type, definition.elem, names)}`;
    case "array":
      return `[${definition.length}]${spellPart(type, definition.elem, names)}`;
    case "map":
      return `map[${spellPart(type, definition.key, names)}]${spellPart(type, definition.elem, names)}`;
    default:
      return "struct{}";
  }
}
