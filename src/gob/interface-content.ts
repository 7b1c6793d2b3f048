import type { SentDefinition } from "./dynamic/value.ts";
import type { Reader } from "./reader.ts";
import type { WireTypes } from "./wire-types.ts";

/** Longest name that Go's decoder takes for an interface's concrete type. */
const maxTypeNameBytes = 1024;

/**
 * Reads what stands before an interface's concrete value; undefined for a nil interface.
 * The reader is then at the concrete value, and is to be taken out of the level by `reader.depth--`.
 */
export function enterInterface(
  reader: Reader,
  wire: WireTypes,
  check?: (name: string) => void,
  definitions?: SentDefinition[],
): { name: string; id: number } | undefined {
  const name = readTypeName(reader);
  if (name === "") return undefined;
  check?.(name);
  const id = reader.source!.typeSequence(reader, definitions);
  enterContent(reader, wire, id);
  return { name, id };
}

/** Reads the name of an interface's concrete type; empty for nil. */
export function readTypeName(reader: Reader): string {
  const length = reader.length("type name");
  if (length > maxTypeNameBytes) throw reader.fail("corrupt", `type name of ${length} bytes`);
  return reader.text(length);
}

/** Reads what stands between an interface's type id and its value, and enters the value's level. */
export function enterContent(reader: Reader, wire: WireTypes, id: number): void {
  // A byte count, for skipping: it covers only the piece up to the next definition, so it is not used.
  reader.uint();
  reader.enter();
  if (!wire.isSingleton(id)) return;
  const mark = reader.uint();
  if (mark !== 0) throw reader.fail("corrupt", `field number ${mark} before a value that is no struct`);
}
