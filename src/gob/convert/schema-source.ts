import type { WireType } from "../dynamic/wire-type.ts";
import type { CollectedTypes } from "./collect.ts";
import { chooseNames, type DeclaredNames, parts } from "./names.ts";

const keywords = new Set(
  `arguments await break case catch class const continue debugger default delete do else enum eval export
  extends false finally for function if implements import in instanceof interface let new null package
  private protected public return static super switch this throw true try typeof var void while with yield
  gob registry undefined NaN Infinity Map Set Object Array Number BigInt String Boolean Symbol Uint8Array`.split(
    /\s+/,
  ),
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
 * TypeScript source of schemas for the types in a stream, ready to be pasted. Integers are the 64-bit ones
 * (bigint), since the wire does not tell the width; map keys that JavaScript cannot compare give entries.
 */
export function toSchemaSource({ types, top, registered }: CollectedTypes): string {
  const names = chooseNames(types, keywords);
  const ordered = inOrder([...names.keys()]);
  const declared = new Set<WireType>();
  const lines = ['import * as gob from "weave-mesh/gob";', ""];
  const usesInterface = [...types.flatMap(parts), ...top].some((type) => type.kind === "interface");
  if (usesInterface) lines.push("export const registry = new gob.Registry();", "");
  for (const type of ordered) {
    lines.push(...declare(type, names, declared));
    declared.add(type);
  }
  for (const [name, type] of registered) {
    if (type.definition === undefined) continue;
    lines.push(`registry.register(${spell(type, names)}, ${JSON.stringify(name)});`);
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

/** Parts before wholes, as far as recursion allows. */
function inOrder(types: readonly WireType[]): WireType[] {
  const done = new Set<WireType>();
  const wanted = new Set(types);
  const visit = (type: WireType): void => {
    if (done.has(type)) return;
    done.add(type);
    for (const part of parts(type)) visit(part);
  };
  for (const type of types) visit(type);
  // A set keeps the order of entering; wholes were entered first.
  const entered: WireType[] = [];
  const seen = new Set<WireType>();
  const leave = (type: WireType): void => {
    if (seen.has(type)) return;
    seen.add(type);
    for (const part of parts(type)) leave(part);
    if (wanted.has(type)) entered.push(type);
  };
  for (const type of done) leave(type);
  return entered;
}

function declare(type: WireType, names: DeclaredNames, declared: ReadonlySet<WireType>): string[] {
  const name = names.get(type)!;
  // An unnamed struct in a field goes by its whole Go expression.
  const wireName = JSON.stringify(type.name.startsWith("struct {") ? "" : type.name);
  if (type.kind === "opaque") return [`export const ${name} = ${opaque(type)};`, ""];
  if (type.kind !== "struct") {
    const isRecursive = !parts(type).every((part) => isKnown(part, declared, names));
    const annotation = isRecursive ? ": gob.AnySchema" : "";
    const structure = spellStructure(type, names, declared);
    return [
      `export const ${name}${annotation} = gob.named(${JSON.stringify(type.name || name)}, ${structure});`,
      "",
    ];
  }
  const fields = type.fields.map((field) => {
    const key = /^[\p{L}_$][\p{L}\p{Nd}_$]*$/u.test(field.name) ? field.name : JSON.stringify(field.name);
    if (isKnown(field.type, declared, names)) return `  ${key}: ${spell(field.type, names)},`;
    // The type is declared further down, or here: a pointer in Go, looked up when it is first used.
    const isHeld = field.type.kind === "struct" || field.type.kind === "array";
    const schema = isHeld ? `gob.optional(${spell(field.type, names)})` : spell(field.type, names);
    const type = isHeld ? "gob.AnySchema & { readonly optional: true }" : "gob.AnySchema";
    return `  get ${key}(): ${type} {\n    return ${schema};\n  },`;
  });
  const body = fields.length === 0 ? "{}" : `{\n${fields.join("\n")}\n}`;
  return [
    `export const ${name} = gob.struct(${wireName}, ${body});`,
    `export type ${name} = gob.Infer<typeof ${name}>;`,
    "",
  ];
}

/** Whether all declared types that the spelling of `type` names stand above. */
function isKnown(type: WireType, declared: ReadonlySet<WireType>, names: DeclaredNames): boolean {
  if (names.has(type)) return declared.has(type);
  return parts(type).every((part) => isKnown(part, declared, names));
}

function opaque(type: WireType): string {
  const codec = codecs[`${type.name} ${type.encoding}`];
  if (codec !== undefined) return codec;
  return `gob.opaque({
  name: ${JSON.stringify(type.name)},
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
  const part = (inner: WireType): string => {
    const isLate = declared !== undefined && !isKnown(inner, declared, names);
    return isLate ? `gob.lazy(() => ${spell(inner, names)})` : spell(inner, names);
  };
  switch (type.kind) {
    case "slice":
      return `gob.slice(${part(type.elem)})`;
    case "array":
      return `gob.array(${part(type.elem)}, ${type.length})`;
    default: {
      const maker = comparable.has(type.key.kind) ? "map" : "entries";
      return `gob.${maker}(${part(type.key)}, ${part(type.elem)})`;
    }
  }
}
