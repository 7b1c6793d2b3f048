import { type Definition, readDefinition } from "./definition.ts";
import { dynamicReader } from "./dynamic/read.ts";
import type { SentDefinition, StreamValue } from "./dynamic/value.ts";
import { typesOf, type WireType, wireType } from "./dynamic/wire-type.ts";
import { GobError } from "./errors.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { type MessageSource, Reader } from "./reader.ts";
import { Scan, type ScanSource } from "./scan.ts";
import type { Infer, ReadFunction, Schema } from "./schema.ts";
import { skipper } from "./skip.ts";
import { StreamBuffer } from "./stream-buffer.ts";
import { checkSharedField } from "./struct.ts";
import type { TypeTable } from "./type-table.ts";
import { WireTypes } from "./wire-types.ts";

/** Options of a decoder. */
export interface DecoderOptions {
  /** Bounds on what is accepted; those not given are {@link defaultLimits}. */
  readonly limits?: Partial<Limits> | undefined;
}

/** A value, or the wish for more bytes (or, after `end`, the end of the stream). */
export type ReadResult<T> = { readonly done: true; readonly value: T } | { readonly done: false };

const needMore: ReadResult<never> = { done: false };

/** Errors that say that a value does not fit the schema; its bytes may be sound. */
const recoverable: ReadonlySet<string> = new Set(["type-mismatch", "overflow", "not-registered", "codec"]);

/** Thrown inside only: the value goes on in a message that is not complete yet. */
const suspended = Symbol("suspended");

/**
 * Decodes one stream that arrives in chunks of any size. Asking for a value before its bytes are complete
 * is no error: the answer is "need more".
 *
 * Source: encoding/gob, decoder.go: Decoder.
 */
export class Decoder implements MessageSource, ScanSource {
  readonly #limits: Limits;
  readonly #buffer = new StreamBuffer();
  readonly #wire = new WireTypes();
  readonly #reader: Reader;
  #ended = false;
  #failure: GobError | undefined;
  /** Bytes of all definitions so far. */
  #typeBytes = 0;
  /** Definitions that were read before the value that must follow them. */
  #definitions: SentDefinition[] = [];
  /** Id of the value that comes next, when its message has been begun. */
  #nextId: number | undefined;
  /** The offsets in the stream at which the value begins and its first message ends. */
  #valueOffset = 0;
  #firstEnd = 0;
  /** The value that comes next had an error and is not wanted any more. */
  #isPassingOver = false;
  #scanError: unknown;
  #scan: Scan | undefined;

  constructor(options: DecoderOptions = {}) {
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#reader = new Reader(this.#buffer.data, this.#limits, this);
    this.#reader.end = 0;
  }

  /** The ids and names under which the sender defined each schema's type, as far as values were read. */
  get types(): TypeTable {
    return this.#wire.table;
  }

  /** @internal The types that the stream has defined so far, in order, used or not. */
  definedTypes(): WireType[] {
    return typesOf(this.#wire);
  }

  /** Bytes consumed so far: up to the end of the last value that was read, or of definitions after it. */
  get offset(): number {
    return this.#buffer.offset;
  }

  /** Adds bytes. The chunk is not copied unless it must be and must not change until its values were read. */
  push(chunk: Uint8Array): void {
    if (this.#ended) throw new GobError("failed", "bytes after the end of the stream");
    // Nothing is read any more, so nothing is kept.
    if (this.#failure === undefined) this.#buffer.push(chunk);
  }

  /** Says that no more bytes will come; reading then fails with `truncated` in the middle of a value. */
  end(): void {
    this.#ended = true;
  }

  /** Whether every byte pushed so far was consumed, and no definition waits for its value. */
  atEnd(): boolean {
    return this.#buffer.start === this.#buffer.end && this.#definitions.length === 0;
  }

  /**
   * Reads the next value by a schema. `done: false` means that more bytes are needed or, after {@link end},
   * that the stream ended cleanly. What follows a value in its message is passed over, as Go does.
   *
   * Errors: {@link GobError} with offset and path; `type-mismatch` and `overflow` among others leave the
   * decoder at the next value, broken bytes (`truncated`, `corrupt`, `bad-definition`, limits) end it: then
   * each later call throws `failed`.
   */
  read<S extends Schema>(schema: S): ReadResult<Infer<S>> {
    return this.readWith((wire, id) => {
      checkSharedField(schema, wire, id);
      return wire.reader(schema, id);
    }) as ReadResult<Infer<S>>;
  }

  /** Reads as many values of one schema as are complete. */
  *values<S extends Schema>(schema: S): Generator<Infer<S>, void, undefined> {
    for (let result = this.read(schema); result.done; result = this.read(schema)) yield result.value;
  }

  /**
   * Reads the next value, whatever its type: see {@link DynamicValue} for how it looks.
   * Errors: as {@link read}; each ends the decoder.
   */
  readAny(): ReadResult<StreamValue> {
    const result = this.readWith((wire, id) => {
      const definitions = this.#definitions;
      const type = wireType(wire, id);
      const read = dynamicReader(wire, id);
      return (reader): StreamValue => ({ type, value: read(reader), definitions });
    });
    return result as ReadResult<StreamValue>;
  }

  /** @internal Reads the next value with the function that `compile` gives for its type. */
  readWith(compile: (wire: WireTypes, id: number) => ReadFunction): ReadResult<unknown> {
    if (this.#failure !== undefined) {
      throw new GobError("failed", "the decoder failed before", { cause: this.#failure });
    }
    if (this.#isPassingOver) {
      const passed = this.#attempt(skipper);
      if (!passed.done) return passed;
    }
    return this.#attempt(compile);
  }

  #attempt(compile: (wire: WireTypes, id: number) => ReadFunction): ReadResult<unknown> {
    try {
      const id = this.#nextId ?? this.#nextValue();
      if (id === undefined) return this.#atRest();
      this.#nextId = id;
      if (!this.#isReadable()) return this.#atRest();
      return { done: true, value: this.#readValue(id, compile) };
    } catch (error) {
      if (error === suspended) {
        if (this.#scanError !== undefined) throw this.#fail(this.#scanError);
        if (!this.#ended) this.#startScan(this.#nextId!);
        return this.#atRest();
      }
      if (error instanceof GobError && this.#passOver(error)) throw error;
      throw this.#fail(error);
    }
  }

  #atRest(): ReadResult<never> {
    if (this.#ended && !this.atEnd()) {
      throw new GobError("truncated", "the stream ends inside a value", {
        offset: this.#buffer.base + this.#buffer.end,
      });
    }
    return needMore;
  }

  /**
   * After an error that is about the schema and not about the bytes: goes on to the next value. One that may
   * go on in later messages is passed over when the next is asked for, as these may not have come yet.
   */
  #passOver(error: GobError): boolean {
    const id = this.#nextId;
    if (id === undefined || this.#isPassingOver || !recoverable.has(error.code)) return false;
    error.at(this.#reader.offset);
    if (this.#wire.holdsInterface(id)) this.#isPassingOver = true;
    else this.#finishValue(this.#firstEnd - this.#buffer.base);
    return true;
  }

  #fail(error: unknown): unknown {
    let failure = error;
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      failure = new GobError("nesting-too-deep", "value is nested deeper than the call stack allows", {
        cause: error,
      });
    }
    if (failure instanceof GobError) failure.at(this.#reader.offset);
    this.#failure =
      failure instanceof GobError ? failure : new GobError("failed", String(error), { cause: error });
    return failure;
  }

  /** Reads definitions up to the next value's message and its id; undefined if that is not complete. */
  #nextValue(): number | undefined {
    const reader = this.#reader;
    while (this.#openMessage(reader, this.#buffer.start)) {
      const start = reader.offset;
      const id = reader.int();
      if (id >= 0) {
        this.#valueOffset = reader.offset;
        this.#firstEnd = reader.base + reader.end;
        return id;
      }
      this.#definitions.push(this.#define(reader, -id, start));
      if (reader.pos < reader.end) throw reader.fail("corrupt", "bytes after a type definition");
      this.#buffer.consume(reader.end);
    }
    return undefined;
  }

  /** Sets the reader to the message that begins at index `at` of the buffer, if all of it is there. */
  #openMessage(reader: Reader, at: number): boolean {
    const { data, end, base } = this.#buffer;
    if (at >= end) return false;
    reader.use(data, base);
    reader.pos = at;
    reader.end = end;
    const first = data[at]!;
    if (first >= 0x80 && 0x100 - first <= 8 && at + 1 + (0x100 - first) > end) return false;
    const length = reader.uint();
    if (length > this.#limits.messageBytes) {
      throw reader.fail(
        "message-too-large",
        `message of ${length} bytes, limit is ${this.#limits.messageBytes}`,
      );
    }
    if (length === 0) throw reader.fail("corrupt", "empty message");
    if (length > end - reader.pos) return false;
    reader.end = reader.pos + length;
    return true;
  }

  #define(reader: Reader, id: number, offset: number): SentDefinition {
    const known = this.#wire.get(id);
    if (known?.offset === offset) {
      reader.pos = known.end - reader.base;
      return known;
    }
    if (this.#wire.size >= this.#limits.types) {
      throw reader.fail("too-many-types", `more than ${this.#limits.types} type definitions`);
    }
    reader.elementsLeft = this.#limits.elements;
    const definition = this.#readDefinition(reader);
    const received = { id, definition, offset, end: reader.offset };
    this.#wire.define(received);
    return received;
  }

  /** Reads a definition within the bytes that the stream may still define. */
  #readDefinition(reader: Reader): Definition {
    const { typeBytes } = this.#limits;
    const { pos: start, end } = reader;
    const stop = start + typeBytes - this.#typeBytes;
    const tooMany = (): GobError =>
      reader.fail("too-many-types", `type definitions of more than ${typeBytes} bytes`);
    if (end > stop) reader.end = stop + 1;
    try {
      const definition = readDefinition(reader);
      if (reader.pos > stop) throw tooMany();
      this.#typeBytes += reader.pos - start;
      return definition;
    } catch (error) {
      throw end > stop && error instanceof GobError && error.code === "truncated" ? tooMany() : error;
    } finally {
      reader.end = end;
    }
  }

  #readValue(id: number, compile: (wire: WireTypes, id: number) => ReadFunction): unknown {
    const reader = this.#reader;
    reader.depth = 0;
    reader.elementsLeft = this.#limits.elements;
    reader.memoryLeft = this.#limits.memoryBytes;
    // The buffer may have moved since the message was opened.
    reader.use(this.#buffer.data, this.#buffer.base);
    reader.pos = this.#valueOffset - reader.base;
    reader.end = this.#firstEnd - reader.base;
    const read = compile(this.#wire, id);
    if (this.#wire.isSingleton(id)) {
      const mark = reader.uint();
      if (mark !== 0) throw reader.fail("corrupt", `field number ${mark} before a value that is no struct`);
    }
    const value = read(reader);
    this.#finishValue(reader.end);
    return value;
  }

  /** The value ends at index `end` of the buffer. */
  #finishValue(end: number): void {
    this.#nextId = undefined;
    this.#isPassingOver = false;
    this.#definitions = [];
    this.#buffer.consume(end);
  }

  /** @internal See {@link MessageSource}. */
  typeSequence(reader: Reader, definitions?: SentDefinition[]): number {
    const id = this.#types(reader, definitions);
    if (id === undefined) throw suspended;
    return id;
  }

  /** @internal See {@link ScanSource}. */
  scanTypes(reader: Reader): number | undefined {
    return this.#types(reader);
  }

  #types(reader: Reader, definitions?: SentDefinition[]): number | undefined {
    for (;;) {
      const { end } = reader;
      if (reader.pos >= end && !this.#openMessage(reader, end)) {
        // As it was, to go on from here when more bytes have come.
        reader.pos = end;
        reader.end = end;
        return undefined;
      }
      const { messageBytes } = this.#limits;
      if (reader.base + reader.end - this.#valueOffset > messageBytes) {
        throw reader.fail("message-too-large", `value of more than ${messageBytes} bytes`);
      }
      const start = reader.offset;
      const id = reader.int();
      if (id >= 0) return id;
      const budget = reader.elementsLeft;
      const defined = this.#define(reader, -id, start);
      definitions?.push(defined);
      reader.elementsLeft = budget;
      // A nested value goes on in a message inside this one, whose length tells nothing new.
      if (reader.pos < reader.end) reader.uint();
    }
  }

  /**
   * Whether the value whose first message is there can be read: always at first; after it turned out to go
   * on in later messages, when a scan has found its end.
   */
  #isReadable(): boolean {
    const scan = this.#scan;
    if (scan === undefined) return true;
    const { reader } = scan;
    // The buffer may have moved since.
    const { data, base } = this.#buffer;
    const moved = reader.base - base;
    reader.use(data, base);
    reader.pos += moved;
    reader.end += moved;
    try {
      // At the end of the stream reading may find something worse than that bytes are missing.
      if (!scan.advance() && !this.#ended) return false;
    } catch (error) {
      // Reading comes to the same error, and can say where in the value it is.
      this.#scanError = error;
    }
    this.#scan = undefined;
    return true;
  }

  #startScan(id: number): void {
    const reader = new Reader(this.#buffer.data, this.#limits, this);
    reader.base = this.#buffer.base;
    reader.pos = this.#valueOffset - reader.base;
    reader.end = this.#firstEnd - reader.base;
    if (this.#wire.isSingleton(id)) reader.uint();
    this.#scan = new Scan(reader, this.#wire, this, id);
  }
}
