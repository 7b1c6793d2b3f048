import type { Decoder, DecoderOptions } from "../decoder.ts";
import { DynamicInterface } from "../dynamic/value.ts";
import type { WireType } from "../dynamic/wire-type.ts";
import { type ByteSource, readWith } from "../streams.ts";

/** The types of a stream, as far as it could be read. */
export interface CollectedTypes {
  /** Every type that the stream defined, in that order, used or not. */
  readonly types: readonly WireType[];
  /** The types of top-level values, each once, in order. */
  readonly top: readonly WireType[];
  /** The names under which interfaces held types; at most {@link mostRegistered}. */
  readonly registered: ReadonlyMap<string, WireType>;
  /** The error that ended the reading early. */
  readonly error: unknown;
}

/** Names of interface values beyond this number are not collected: a stream can have a new one for each value. */
export const mostRegistered = 10_000;

/**
 * Reads a whole stream for its types. Damage does not throw: the result has what was found before it. Values
 * are not kept.
 */
export async function collectTypes(source: ByteSource, options?: DecoderOptions): Promise<CollectedTypes> {
  const top = new Set<WireType>();
  const registered = new Map<string, WireType>();
  let decoder: Decoder | undefined;
  let error: unknown;
  const values = readWith(
    source,
    (reading) => {
      decoder = reading;
      return reading.readAny();
    },
    options,
  );
  try {
    for await (const { type, value } of values) {
      top.add(type);
      noteInterfaces(value, registered);
    }
  } catch (caught) {
    error = caught;
  }
  return { types: decoder?.definedTypes() ?? [], top: [...top], registered, error };
}

function noteInterfaces(value: unknown, registered: Map<string, WireType>): void {
  if (value instanceof DynamicInterface) {
    if (registered.size < mostRegistered) registered.set(value.name, value.type);
    noteInterfaces(value.value, registered);
  } else if (Array.isArray(value)) {
    for (const part of value) if (typeof part === "object") noteInterfaces(part, registered);
  } else if (value instanceof Map) {
    for (const part of value.values()) if (typeof part === "object") noteInterfaces(part, registered);
  }
}
