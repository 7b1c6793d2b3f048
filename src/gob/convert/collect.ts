import type { DecoderOptions } from "../decoder.ts";
import { DynamicInterface, type StreamValue } from "../dynamic/value.ts";
import { type WireType, wireTypesOf } from "../dynamic/wire-type.ts";
import { type ByteSource, readAnyValues } from "../streams.ts";

/** The types of a stream, as far as it could be read. */
export interface CollectedTypes {
  /** Every type that the stream defined, in that order, used or not. */
  readonly types: readonly WireType[];
  /** The types of top-level values, each once, in order. */
  readonly top: readonly WireType[];
  /** Names under which interfaces held types. */
  readonly registered: ReadonlyMap<string, WireType>;
  /** What ended the reading early. */
  readonly error: unknown;
}

/** Reads a whole stream for its types. Damage does not throw: what was found before it is given. */
export async function collectTypes(source: ByteSource, options?: DecoderOptions): Promise<CollectedTypes> {
  const types = new Map<number, WireType>();
  const top = new Set<WireType>();
  const registered = new Map<string, WireType>();
  let error: unknown;
  const note = ({ type, value }: StreamValue): void => {
    top.add(type);
    for (const defined of wireTypesOf(type)) types.set(defined.id, defined);
    noteInterfaces(value, registered);
  };
  try {
    for await (const value of readAnyValues(source, options)) note(value);
  } catch (caught) {
    error = caught;
  }
  return { types: [...types.values()], top: [...top], registered, error };
}

function noteInterfaces(value: unknown, registered: Map<string, WireType>): void {
  if (value instanceof DynamicInterface) {
    registered.set(value.name, value.type);
    noteInterfaces(value.value, registered);
  } else if (Array.isArray(value)) {
    for (const part of value) if (typeof part === "object") noteInterfaces(part, registered);
  } else if (value instanceof Map) {
    for (const part of value.values()) if (typeof part === "object") noteInterfaces(part, registered);
  }
}
