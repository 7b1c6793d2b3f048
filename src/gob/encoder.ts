import { writeDefinition } from "./definition.ts";
import { GobError } from "./errors.ts";
import type { GoType } from "./go-type.ts";
import type { Infer, Schema } from "./schema.ts";
import { builtinId, TypeTable } from "./type-table.ts";
import { type DefinitionSender, Writer } from "./writer.ts";

/** Options of an encoder. */
export interface EncoderOptions {
  /**
   * The ids and names of types. Default: a new table, as in a Go process that has just started. Give the
   * same one to several encoders to have them send the same ids.
   */
  readonly types?: TypeTable | undefined;
}

/**
 * Encodes values for one stream. As Go's encoder it sends each type's definition once, before the first
 * value that needs it; the outputs of all calls, in order, are the stream.
 *
 * Source: encoding/gob, encoder.go: Encoder.
 */
export class Encoder {
  readonly #sender: Sender;

  constructor(options: EncoderOptions = {}) {
    this.#sender = new Sender(options.types);
  }

  /** The table that gives the ids. */
  get types(): TypeTable {
    return this.#sender.types;
  }

  /**
   * The bytes of one value, with the definitions that this encoder has not sent yet. They are the caller's;
   * up to 1 KiB of them may be part of a larger buffer, so mind `byteOffset` and do not transfer `buffer`.
   * Errors: {@link GobError} with the value's path, codes `type-mismatch`, `overflow`, `nil-value`,
   * `not-registered`, `codec`, `nesting-too-deep`; the encoder then stays as it was before the call.
   */
  encode<S extends Schema>(schema: S, value: Infer<S>): Uint8Array {
    const mark = this.#sender.mark();
    const writer = this.#takeWriter();
    try {
      this.#put(writer, schema, value);
      return writer.finish();
    } catch (error) {
      throw this.#undo(mark, error);
    } finally {
      giveBack(writer);
    }
  }

  /**
   * The bytes of several values, one after another, in one piece: `encodeAll([gob.string, gob.int], ["a", 1])`.
   * Errors: as {@link encode}; nothing is sent then.
   */
  encodeAll<const L extends readonly Schema[]>(
    schemas: L,
    values: { readonly [K in keyof L]: Infer<L[K]> },
  ): Uint8Array {
    if (schemas.length === 0) return new Uint8Array();
    const mark = this.#sender.mark();
    const writer = this.#takeWriter();
    try {
      for (let i = 0; i < schemas.length; i++) {
        const value: unknown = values[i];
        if (i > 0) writer.splitMessage(value instanceof Uint8Array ? value.length : 0);
        this.#put(writer, schemas[i]!, value);
      }
      return writer.finish();
    } catch (error) {
      throw this.#undo(mark, error);
    } finally {
      giveBack(writer);
    }
  }

  #put(writer: Writer, schema: Schema, value: unknown): void {
    const target = schema.resolve();
    const { builtinId } = target;
    if (builtinId !== undefined) {
      writer.pair(builtinId << 1, 0);
      target.write(writer, value);
      return;
    }
    const { type } = target;
    writer.int(this.#sender.describe(writer, type));
    if (isSentAsField(type)) writer.byte(0);
    target.write(writer, value);
  }

  #takeWriter(): Writer {
    const writer = idleWriters.pop() ?? new Writer();
    writer.reset(this.#sender);
    return writer;
  }

  /** Nothing of this call is handed out: forgets what it would have defined; returns the error to throw. */
  #undo(mark: number, error: unknown): unknown {
    this.#sender.rollback(mark);
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      return new GobError("nesting-too-deep", "value is nested deeper than the call stack allows", {
        cause: error,
      });
    }
    return error;
  }
}

/**
 * Writers between two calls: encoders are often made for one message, and a buffer costs more than that.
 * A codec that encodes within an encoder takes another one.
 */
const idleWriters: Writer[] = [];
const mostIdleWriters = 4;

function giveBack(writer: Writer): void {
  if (idleWriters.length < mostIdleWriters) idleWriters.push(writer);
}

/** Whether top-level and interface values of this type have a zero byte before them: all but structs do. */
export function isSentAsField(type: GoType): boolean {
  const { base } = type;
  return base.kind !== "struct" || base.method !== undefined;
}

/** Sends definitions in Go's order: outer types before inner ones, each as a message of its own. */
class Sender implements DefinitionSender {
  #types: TypeTable | undefined;
  // Made when first needed: many encoders serve one message of built-in types.
  #sent: Map<GoType, number> | undefined;
  #log: GoType[] | undefined;

  constructor(types: TypeTable | undefined) {
    this.#types = types;
  }

  get types(): TypeTable {
    this.#types ??= new TypeTable();
    return this.#types;
  }

  mark(): number {
    return this.#log?.length ?? 0;
  }

  /** Forgets what was sent since `mark`: those bytes were never handed out. */
  rollback(mark: number): void {
    for (const type of this.#log?.splice(mark) ?? []) this.#sent?.delete(type);
  }

  describe(writer: Writer, type: GoType): number {
    const builtin = builtinId(type);
    if (builtin !== undefined) return builtin;
    const key = type.opaque === undefined ? type.base : type;
    let id = this.#sent?.get(key);
    if (id === undefined) {
      if (!this.#send(writer, type)) this.#remember(key, this.types.info(type).id);
      id = this.#sent!.get(type.base)!;
    }
    return id;
  }

  #remember(type: GoType, id: number): void {
    this.#sent ??= new Map();
    this.#log ??= [];
    this.#sent.set(type, id);
    this.#log.push(type);
  }

  #send(writer: Writer, type: GoType): boolean {
    const { base } = type;
    if (builtinId(base) !== undefined || this.#sent?.has(base)) return false;
    const { id, definition } = this.types.info(type);
    writer.int(-id);
    writeDefinition(writer, definition!);
    writer.splitMessage();
    this.#remember(base, id);
    if (type !== base) this.#remember(type, id);
    // Also below a type with an encoding method, though no value will use these definitions.
    switch (base.kind) {
      case "struct":
        for (const field of base.fields) this.#send(writer, field.type);
        break;
      case "map":
        this.#send(writer, base.key);
        this.#send(writer, base.elem);
        break;
      case "slice":
      case "array":
        this.#send(writer, base.elem);
        break;
    }
    return true;
  }
}

/**
 * One value as a stream of its own, definitions included.
 * Errors: as {@link Encoder.encode}.
 */
export function encode<S extends Schema>(schema: S, value: Infer<S>, options?: EncoderOptions): Uint8Array {
  return new Encoder(options).encode(schema, value);
}
