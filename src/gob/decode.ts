import { Decoder, type DecoderOptions } from "./decoder.ts";
import type { StreamValue } from "./dynamic/value.ts";
import { GobError } from "./errors.ts";
import type { Infer, Schema } from "./schema.ts";

/**
 * The first value of a stream that is complete in `bytes`; more bytes after it are an error unless
 * `options.allowMore`.
 * Errors: {@link GobError}, `truncated` if the value is not complete, `corrupt` for more bytes.
 */
export function decode<S extends Schema>(
  schema: S,
  bytes: Uint8Array,
  options: DecoderOptions & { readonly allowMore?: boolean } = {},
): Infer<S> {
  const decoder = new Decoder(options);
  decoder.push(bytes);
  decoder.end();
  const result = decoder.read(schema);
  if (!result.done) throw new GobError("truncated", "no value", { offset: 0 });
  if (options.allowMore !== true && !decoder.atEnd()) {
    throw new GobError("corrupt", "bytes after the value", { offset: decoder.offset });
  }
  return result.value;
}

/**
 * All values of a stream, each with the type it carried, without schemas.
 * Errors: {@link GobError}; to have the values before the damage, use {@link Decoder.readAny}.
 */
export function decodeStream(bytes: Uint8Array, options?: DecoderOptions): StreamValue[] {
  const decoder = new Decoder(options);
  decoder.push(bytes);
  decoder.end();
  const values: StreamValue[] = [];
  for (let result = decoder.readAny(); result.done; result = decoder.readAny()) values.push(result.value);
  return values;
}
