import type { WireType } from "../dynamic/wire-type.ts";
import { maxText, quoted, quotedShort } from "../printable.ts";
import type { CollectedTypes } from "./collect.ts";
import { chooseNames, type DeclaredNames, isIdentifier } from "./names.ts";
import { parts, partsFirst } from "./type-graph.ts";

const keywords = new Set(
  `arguments await break case catch class const continue debugger default delete do else enum eval export
  extends false finally for function if implements import in instanceof interface let new null package
  private protected public return static super switch this throw true try typeof var void while with yield
  gob registry undefined NaN Infinity Map Set Object Array Number BigInt String Boolean Symbol Uint8Array
  any unknown never object string number boolean symbol bigint`.split(/\s+/),
);

const builtins: Readonly<Record<string, string>> = {
  bool: "gob.bool",
  int: "gob.int64",
  uint: "gob.uint64",
  float: "gob.float64",
  bytes: "gob.bytes",
  string: "gob.string",
  complex: "gob.complex128",
  interface: "gob.interface(registry)",
};

/** Opaque types of the standard library that have a codec here, by wire name and encoding. */
const codecs: Readonly<Record<string, string>> = {
  "Time gob": "gob.time",
  "URL binary": "gob.url",
  "Addr binary": "gob.netipAddr",
  "UUID binary": "gob.uuid",
  "Int gob": "gob.bigInt",
  "Rat gob": "gob.bigRat",
  "Float gob": "gob.bigFloat",
};

/**
 * Returns TypeScript source of schemas for the types in a stream, ready to be pasted. Integers are the 64-bit
 * ones (bigint), since the wire does not tell the width; map keys that JavaScript cannot compare give entries.
 * Names that are no identifiers stand in quotes, escaped. Fields with names of more than 1 KiB are left out.
 */
export function toSchemaSource({ types, top, registered }: CollectedTypes): string {
  const names = chooseNames(types, keywords);
  const ordered = partsFirst(names.keys()).filter((type) => names.has(type));
  const declared = new Set<WireType>();
  const lines = ['import * as gob from "weave-mesh/gob";', ""];
  const usesInterface =
    top.some(isInterface) ||
    types.some((type) => type.definition !== undefined && parts(type).some(isInterface));
  if (usesInterface) lines.push("export const registry = new gob.Registry();", "");
  for (const type of ordered) {
    lines.push(...declare(type, names, declared));
    declared.add(type);
  }
  for (const [name, type] of registered) {
    if (type.definition === undefined) continue;
    lines.push(`registry.register(${spell(type, names)}, ${quotedShort(name)});`);
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

function isInterface(type: WireType): boolean {
  return type.kind === "interface";
}

function declare(type: WireType, names: DeclaredNames, declared: ReadonlySet<WireType>): string[] {
  const name = names.get(type)!;
  if (type.kind === "opaque") return [`export const ${name} = ${opaque(type)};`, ""];
  if (type.kind !== "struct") {
    const isRecursive = !parts(type).every((part) => isKnown(part, declared, names));
    const annotation = isRecursive ? ": gob.AnySchema" : "";
    const structure = spellStructure(type, names, declared);
    return [
      `export const ${name}${annotation} = gob.named(${quotedShort(type.name || name)}, ${structure});`,
      "",
    ];
  }
  const fields = fieldLines(type, names, declared);
  const body = fields.length === 0 ? "{}" : `{\n${fields.join("\n")}\n}`;
  // An unnamed struct in a field goes by its whole Go expression.
  const wireName = type.name.startsWith("struct {") ? "" : type.name;
  return [
    `export const ${name} = gob.struct(${quotedShort(wireName)}, ${body});`,
    `export type ${name} = gob.Infer<typeof ${name}>;`,
    "",
  ];
}

function fieldLines(struct: WireType, names: DeclaredNames, declared: ReadonlySet<WireType>): string[] {
  if (struct.definition?.kind !== "struct") return [];
  return struct.definition.fields.map(({ name, id }) => {
    if (name.length > maxText)
      return `  // left out: ${quotedShort(name, 100)} is longer than ${maxText} characters`;
    const key = propertyKey(name);
    const type = struct.sibling(id);
    if (type === undefined) return `  ${key}: ${neverDefined(id)},`;
    if (isKnown(type, declared, names)) return `  ${key}: ${spell(type, names)},`;
    // The type is declared further down, or here: a pointer in Go, looked up when it is first used.
    const isHeld = type.kind === "struct" || type.kind === "array";
    const schema = isHeld ? `gob.optional(${spell(type, names)})` : spell(type, names);
    const result = isHeld ? "gob.AnySchema & { readonly optional: true }" : "gob.AnySchema";
    return `  get ${key}(): ${result} {\n    return ${schema};\n  },`;
  });
}

/** Written as `__proto__: ...`, with or without quotes, a key would set the prototype. */
function propertyKey(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return isIdentifier(name) ? name : quoted(name);
}

function neverDefined(id: number): string {
  return `gob.struct("", {}) /* type ${id} was never defined */`;
}

/** Whether all declared types that the spelling of `type` names stand above. That spelling is short. */
function isKnown(type: WireType, declared: ReadonlySet<WireType>, names: DeclaredNames): boolean {
  if (names.has(type)) return declared.has(type);
  return parts(type).every((part) => isKnown(part, declared, names));
}

function opaque(type: WireType): string {
  const codec = codecs[`${type.name} ${type.encoding}`];
  if (codec !== undefined) return codec;
  return `gob.opaque({
  name: ${quotedShort(type.name)},
  encoding: "${type.encoding}",
  receiver: "value",
  codec: { encode: (bytes: Uint8Array) => bytes, decode: (bytes) => bytes, zero: () => new Uint8Array() },
})`;
}

function spell(type: WireType, names: DeclaredNames): string {
  return names.get(type) ?? builtins[type.kind] ?? spellStructure(type, names);
}

const comparable = new Set(["bool", "int", "uint", "string"]);

function spellStructure(type: WireType, names: DeclaredNames, declared?: ReadonlySet<WireType>): string {
  const part = (id: number): string => {
    const inner = type.sibling(id);
    if (inner === undefined) return neverDefined(id);
    const isLate = declared !== undefined && !isKnown(inner, declared, names);
    return isLate ? `gob.lazy(() => ${spell(inner, names)})` : spell(inner, names);
  };
  const { definition } = type;
  switch (definition?.kind) {
    case "slice":
      return `gob.slice(${part(definition.elem)})`;
    case "array":
      return `gob.array(${part(definition.elem)}, ${definition.length})`;
    case "map": {
      const maker = comparable.has(type.sibling(definition.key)?.kind ?? "") ? "map" : "entries";
      return `gob.${maker}(${part(definition.key)}, ${part(definition.elem)})`;
    }
    default:
      return 'gob.struct("", {})';
  }
}
