import type { WireType } from "../dynamic/wire-type.ts";
import { cycles, listParts, partsFirst } from "./type-graph.ts";

/**
 * The letters and digits that may stand in source: those that Unicode has had for long. What a newer version of it
 * made a letter is not a letter to a compiler that was made before.
 */
const settled = "(?=[\\0-\\u02ff\\u0370-\\u058f\\u3041-\\u30fa\\u4e00-\\u9fa5\\uac00-\\ud7a3])";
const identifier = new RegExp(`^${settled}[\\p{L}_](?:${settled}[\\p{L}\\p{Nd}_])*$`, "u");
const exported = new RegExp(`^${settled}\\p{Lu}(?:${settled}[\\p{L}\\p{Nd}_])*$`, "u");

/** The longest identifier, in code points. A type's name is repeated wherever the type is used. */
const longestName = /^.{1,64}/u;

/**
 * The longest expression for a type without a name, in UTF-16 units and by estimate. A longer one is declared
 * and used by its identifier, so that a declaration stays short however the types are nested in each other.
 */
const longestExpression = 120;

/** Types that are declared, with the identifiers they are declared under. */
export type DeclaredNames = ReadonlyMap<WireType, string>;

/**
 * Chooses identifiers. Structs and opaque types are declared, as are slices, arrays and maps whose wire name
 * is a Go identifier (their type had that name), that contain themselves, or that are long to spell; others are
 * spelled where they stand. Two types of one name get numbers, and type arguments become part of the identifier.
 */
export function chooseNames(types: readonly WireType[], reserved: ReadonlySet<string>): DeclaredNames {
  const inCycle = cycles(types, listParts);
  const isLong = longTypes(types, inCycle);
  const names = new Map<WireType, string>();
  const taken = new Set(reserved);
  const numbers = new Map<string, number>();
  for (const type of types) {
    const wanted = wantedName(type, inCycle(type, type), isLong(type));
    if (wanted === undefined) continue;
    let name = wanted;
    let number = numbers.get(wanted) ?? 1;
    // Goes on after the last number that was given, so that each number is tried once.
    while (taken.has(name)) name = `${wanted}${++number}`;
    numbers.set(wanted, number);
    taken.add(name);
    names.set(type, name);
  }
  return names;
}

function wantedName(type: WireType, isInCycle: boolean, isLong: boolean): string | undefined {
  if (isIdentifier(type.name)) return longestName.exec(type.name)![0];
  if (type.kind === "struct" || type.kind === "opaque") return plain(type);
  if (isInCycle) return "Self";
  return isLong ? "Nested" : undefined;
}

/** Whether a name can stand in Go and TypeScript source as it is. */
export function isIdentifier(name: string): boolean {
  return identifier.test(name);
}

/** Whether a name is an exported identifier of Go: gob sends no other fields. */
export function isExported(name: string): boolean {
  return exported.test(name);
}

/** Returns a function that tells whether a slice, array or map would be spelled by a long expression. */
function longTypes(
  types: readonly WireType[],
  inCycle: (a: WireType, b: WireType) => boolean,
): (type: WireType) => boolean {
  const lengths = new Map<WireType, number>();
  for (const type of partsFirst(types, listParts)) {
    let length = 20;
    if (!isIdentifier(type.name) && !inCycle(type, type)) {
      for (const part of listParts(type)) {
        const partLength = lengths.get(part) ?? 0;
        length += partLength > longestExpression ? 20 : partLength;
      }
    }
    lengths.set(type, length);
  }
  return (type) => lengths.get(type)! > longestExpression;
}

/** An identifier for a type whose wire name is not an identifier: `Pair[string,main.Point]` becomes `PairStringPoint`. */
function plain(type: WireType): string {
  const name = type.name.slice(0, 1024);
  const fallback = type.kind === "struct" ? "Struct" : "Opaque";
  if (name === "" || /^(struct|map|\[|\*)/.test(name)) return fallback;
  const words = name.match(/[\p{L}\p{Nd}_./]+/gu) ?? [];
  const joined = words
    .map((word) => word.split(/[./]/).at(-1)!)
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join("");
  return isIdentifier(joined) ? longestName.exec(joined)![0] : "Type";
}
