import { isDeepStrictEqual } from "node:util";
import * as gob from "../../src/gob/index.ts";
import { toHex } from "./hex.ts";

/** The ways in which a stream is tried. */
export const fuzzTargets = ["decode", "roundtrip", "chunked", "schemas", "convert"] as const;
export type FuzzTarget = (typeof fuzzTargets)[number];

/** Bounds that keep each try short. */
const limits = { messageBytes: 1 << 20, elements: 1 << 16, nesting: 200 };

interface Outcome {
  readonly values: readonly gob.StreamValue[];
  readonly error: gob.GobError | undefined;
}

/** Returns what is wrong with our treatment of a stream, or undefined. */
export function checkInput(
  target: FuzzTarget,
  bytes: Uint8Array,
  schemas: readonly gob.AnySchema[],
): string | undefined {
  try {
    switch (target) {
      case "decode":
        return checkError(decodeAll([bytes]).error, bytes);
      case "roundtrip":
        return checkRoundtrip(bytes);
      case "chunked":
        return checkChunked(bytes);
      case "schemas":
        return checkSchemas(bytes, schemas);
      case "convert":
        return checkConvert(bytes);
    }
  } catch (error) {
    return `threw ${error instanceof Error ? error.stack : String(error)}`;
  }
}

function decodeAll(chunks: readonly Uint8Array[]): Outcome {
  const decoder = new gob.Decoder({ limits });
  const values: gob.StreamValue[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let result = decoder.readAny(); result.done; result = decoder.readAny()) values.push(result.value);
    }
    decoder.end();
    decoder.readAny();
  } catch (error) {
    if (!(error instanceof gob.GobError)) throw error;
    return { values, error };
  }
  return { values, error: undefined };
}

function checkError(error: gob.GobError | undefined, bytes: Uint8Array): string | undefined {
  if (error === undefined) return undefined;
  if (error.code === "failed") return `failed: ${error.message}`;
  if (error.offset === undefined || error.offset < 0 || error.offset > bytes.length) {
    return `offset ${error.offset}: ${error.message}`;
  }
  return undefined;
}

function describe({ values, error }: Outcome): string {
  return JSON.stringify([values.map(gob.toJsonLine), error?.code, error?.path]);
}

function checkRoundtrip(bytes: Uint8Array): string | undefined {
  const { values } = decodeAll([bytes]);
  const encoded = gob.encodeStream(values);
  const again = decodeAll([encoded]);
  if (again.error !== undefined) return `encoded ${toHex(encoded)}: ${again.error.message}`;
  if (describe({ values, error: undefined }) !== describe(again))
    return `encoded ${toHex(encoded)}: other values`;
  const twice = gob.encodeStream(again.values);
  return Buffer.compare(encoded, twice) === 0 ? undefined : `encoded ${toHex(encoded)}, then ${toHex(twice)}`;
}

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
  return chunks;
}

function checkChunked(bytes: Uint8Array): string | undefined {
  const whole = describe(decodeAll([bytes]));
  for (const size of [1, 7]) {
    const chunked = describe(decodeAll(pieces(bytes, size)));
    if (chunked !== whole) return `by ${size}: ${chunked}\n  whole: ${whole}`;
  }
  return undefined;
}

/** Everything that is shown of a stream; nothing in it may be a character that cannot be seen. */
function checkConvert(bytes: Uint8Array): string | undefined {
  const decoder = new gob.Decoder({ limits });
  const top: gob.WireType[] = [];
  try {
    decoder.push(bytes);
    for (let result = decoder.readAny(); result.done; result = decoder.readAny()) {
      top.push(result.value.type);
      const line = gob.toJsonLine(result.value);
      if (/\p{C}/u.test(line)) return `shown: ${JSON.stringify(line)}`;
    }
  } catch (error) {
    if (!(error instanceof gob.GobError)) throw error;
    if (/\p{C}/u.test(error.message)) return `shown: ${JSON.stringify(error.message)}`;
  }
  const types = {
    types: decoder.definedTypes(),
    top,
    registered: new Map<string, gob.WireType>(),
    error: undefined,
  };
  for (const source of [gob.toGoDeclarations(types), gob.toSchemaSource(types)]) {
    if (/[^\n\t\P{C}]/u.test(source)) return `shown: ${JSON.stringify(source)}`;
    if (source.length > 100 * bytes.length + 1000) return `${source.length} characters of source`;
  }
  return undefined;
}

function readBySchemas(chunks: readonly Uint8Array[], schemas: readonly gob.AnySchema[]): unknown[] {
  const decoder = new gob.Decoder({ limits });
  const results: unknown[] = [];
  const read = (): boolean => {
    const schema = schemas[results.length];
    if (schema === undefined) return false;
    try {
      const result = decoder.read(schema);
      if (result.done) results.push(result.value);
      return result.done;
    } catch (error) {
      if (!(error instanceof gob.GobError)) throw error;
      // A failed decoder stays so; how often it is asked depends on the chunks.
      if (error.code === "failed") return false;
      results.push([error.code, error.path]);
      return true;
    }
  };
  for (const chunk of chunks) {
    decoder.push(chunk);
    while (read());
  }
  decoder.end();
  while (read());
  return results;
}

function checkSchemas(bytes: Uint8Array, schemas: readonly gob.AnySchema[]): string | undefined {
  const whole = readBySchemas([bytes], schemas);
  const chunked = readBySchemas(pieces(bytes, 5), schemas);
  if (isDeepStrictEqual(whole, chunked)) return undefined;
  return `by 5: ${String(JSON.stringify(chunked, plain))}\n  whole: ${String(JSON.stringify(whole, plain))}`;
}

function plain(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  return value instanceof Map ? [...value] : value;
}
