import { Decoder, type DecoderOptions } from "../decoder.ts";
import { encodeStream } from "../dynamic/write.ts";

/**
 * Decodes each value of a stream with its type and encodes it again: what `weave-mesh gob transcode` writes.
 * For streams written by Go the bytes are identical.
 * At damage the values before it have been yielded, and a {@link GobError} with the offset is thrown.
 */
export function* transcode(chunks: Iterable<Uint8Array>, options?: DecoderOptions): Generator<Uint8Array> {
  const decoder = new Decoder(options);
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let result = decoder.readAny(); result.done; result = decoder.readAny()) {
      yield encodeStream([result.value]);
    }
  }
  decoder.end();
  decoder.readAny();
}
