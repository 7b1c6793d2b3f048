import type { WireType } from "../dynamic/wire-type.ts";

const identifier = /^[\p{L}_][\p{L}\p{Nd}_]*$/u;

/** Types that are declared, with the identifiers they are declared under. */
export type DeclaredNames = ReadonlyMap<WireType, string>;

/**
 * Chooses identifiers. Structs and opaque types are declared, as are slices, arrays and maps whose wire name
 * is a Go identifier (their type had that name) or that contain themselves; others are spelled where they
 * stand. Two types of one name get numbers, and type arguments become part of the identifier.
 */
export function chooseNames(types: readonly WireType[], reserved: ReadonlySet<string>): DeclaredNames {
  const names = new Map<WireType, string>();
  const taken = new Set(reserved);
  for (const type of types) {
    const isAlwaysDeclared = type.kind === "struct" || type.kind === "opaque" || containsItself(type);
    const wanted = identifier.test(type.name) ? type.name : isAlwaysDeclared ? plain(type) : undefined;
    if (wanted === undefined) continue;
    let name = wanted;
    for (let i = 2; taken.has(name); i++) name = `${wanted}${i}`;
    taken.add(name);
    names.set(type, name);
  }
  return names;
}

/** An identifier for a type whose wire name is none: `Pair[string,main.Point]` becomes `PairStringPoint`. */
function plain(type: WireType): string {
  const isExpression = type.name === "" || /^(struct|map|\[|\*)/.test(type.name);
  if (isExpression) return { struct: "Struct", opaque: "Opaque" }[type.kind as "struct"] ?? "Self";
  const words = type.name.match(/[\p{L}\p{Nd}_./]+/gu) ?? [];
  const parts = words.map((word) => word.slice(Math.max(word.lastIndexOf("."), word.lastIndexOf("/")) + 1));
  const joined = parts.map((part) => part.slice(0, 1).toUpperCase() + part.slice(1)).join("");
  return identifier.test(joined) ? joined : "Type";
}

/** Whether a slice, array or map reaches itself through slices, arrays and maps alone. */
export function containsItself(type: WireType): boolean {
  const seen = new Set<WireType>();
  const reaches = (part: WireType): boolean => {
    if (part.kind !== "slice" && part.kind !== "array" && part.kind !== "map") return false;
    return parts(part).some((inner) => {
      if (inner === type) return true;
      if (seen.has(inner)) return false;
      seen.add(inner);
      return reaches(inner);
    });
  };
  return reaches(type);
}

/** The types that a type is made of. A part that the stream never defined is left out. */
export function parts(type: WireType): WireType[] {
  try {
    switch (type.kind) {
      case "struct":
        return type.fields.map((field) => field.type);
      case "map":
        return [type.key, type.elem];
      case "slice":
      case "array":
        return [type.elem];
      default:
        return [];
    }
  } catch {
    return [];
  }
}
