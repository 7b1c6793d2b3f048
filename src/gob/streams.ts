import { Decoder, type DecoderOptions, type ReadResult } from "./decoder.ts";
import type { StreamValue } from "./dynamic/value.ts";
import type { Infer, Schema } from "./schema.ts";

/** A source of chunks: a Node stream, a web stream, a socket, an array of chunks, a generator. */
export type ByteSource =
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>
  | {
      getReader(): {
        read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
        releaseLock(): void;
      };
    };

/**
 * The values of one schema in a source, each as soon as it is complete; ends with the source.
 * Errors: those of {@link Decoder.read}, `truncated` if the source ends inside a value, and the source's own.
 */
export async function* readValues<S extends Schema>(
  schema: S,
  source: ByteSource,
  options?: DecoderOptions,
): AsyncGenerator<Infer<S>, void, undefined> {
  yield* readWith(source, (decoder) => decoder.read(schema), options);
}

/** As {@link readValues}, whatever the types: see {@link Decoder.readAny}. */
export async function* readAnyValues(
  source: ByteSource,
  options?: DecoderOptions,
): AsyncGenerator<StreamValue, void, undefined> {
  yield* readWith(source, (decoder) => decoder.readAny(), options);
}

/** @internal The values that `read` gives, each as soon as it is complete. */
export async function* readWith<T>(
  source: ByteSource,
  read: (decoder: Decoder) => ReadResult<T>,
  options: DecoderOptions | undefined,
): AsyncGenerator<T, void, undefined> {
  const decoder = new Decoder(options);
  for await (const chunk of chunksOf(source)) {
    decoder.push(chunk);
    for (let result = read(decoder); result.done; result = read(decoder)) yield result.value;
  }
  decoder.end();
  for (let result = read(decoder); result.done; result = read(decoder)) yield result.value;
}

/** Web streams can be iterated only where the engine has caught up; all have a reader. */
async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  if (!("getReader" in source)) {
    yield* source;
    return;
  }
  const reader = source.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (next.value !== undefined) yield next.value;
    }
  } finally {
    reader.releaseLock();
  }
}
