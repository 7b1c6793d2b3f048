import type { DecoderOptions } from "../decoder.ts";
import { encodeStream } from "../dynamic/write.ts";
import { type ByteSource, readAnyValues } from "../streams.ts";

/**
 * Decodes each value of a stream with its type and encodes it again: what `weave-mesh gob transcode` writes.
 * For streams written by Go the bytes are identical.
 * At damage the values before it have been yielded, and a {@link GobError} with the offset is thrown.
 */
export async function* transcode(
  source: ByteSource,
  options?: DecoderOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const value of readAnyValues(source, options)) yield encodeStream([value]);
}
