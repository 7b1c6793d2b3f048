import { GobError } from "./errors.ts";
import type { GoType } from "./go-type.ts";
import type { PutFunction } from "./put.ts";
import type { Reader } from "./reader.ts";
import type { WireTypes } from "./wire-types.ts";
import type { Writer } from "./writer.ts";

/** Reads one value at the reader's position. */
export type ReadFunction<T = unknown> = (reader: Reader) => T;

/** Writes one value as an element: always, zero or not. */
export type WriteFunction<T = unknown> = (writer: Writer, value: T) => void;

/**
 * Writes one value as a struct field: nothing if it is zero, else `delta` (field number less the last one
 * written) and the value. Returns whether it wrote.
 */
export type WriteFieldFunction<T = unknown> = (writer: Writer, value: T, delta: number) => boolean;

/**
 * Writes elements of a list from index `from` on and returns the index that it came to; it may stop before any
 * element, which is then written by itself. An error has the element's step already.
 */
export type WriteManyFunction<T = unknown> = (writer: Writer, values: readonly T[], from: number) => number;

/**
 * A Go type together with the way its values look in TypeScript. Made by the functions of this module
 * (`gob.int`, `gob.struct`, ...); compiled to closures on first use, once for all encoders and decoders.
 */
export abstract class Schema<T = unknown> {
  /** Only for the type checker, see {@link Infer}; never set. */
  declare readonly infer: T;
  #write: WriteFunction | undefined;
  #writeField: WriteFieldFunction | undefined;

  /** The Go type. Recursive schemas resolve it on first use. */
  abstract readonly type: GoType;

  /** A fresh zero value, as Go would have it in a field that was left out. */
  abstract zero(): T;

  /** @internal The schema itself; a lazy one gives what it stands for. */
  resolve(): Schema {
    return this;
  }

  /** @internal Whether a struct's field of this schema may be missing in TypeScript. */
  get isOptional(): boolean {
    return false;
  }

  /** @internal */
  protected abstract compileWrite(): WriteFunction;
  /** @internal */
  protected abstract compileWriteField(write: WriteFunction): WriteFieldFunction;

  /**
   * @internal
   * Compiles reading for a type as the sender defined it. Containers must `remember` their function in
   * `wire` before they ask for their parts', so that recursive types end.
   * Errors: `type-mismatch`, `unknown-type`.
   */
  abstract compileRead(wire: WireTypes, id: number): ReadFunction;

  /** @internal The id of a type that is built in and sent as it is, where that is known at once. */
  readonly builtinId: number | undefined = undefined;

  /** @internal The reading function where that depends on nothing but a built-in id. */
  directRead(_id: number): ReadFunction | undefined {
    return undefined;
  }

  /** @internal The memory of one value in bytes, by estimate and without the contents of lists and maps. */
  get footprint(): number {
    return 48;
  }

  /** @internal The fast way to write a field, for schemas that have one. */
  get put(): PutFunction | undefined {
    return undefined;
  }

  /** @internal Writes elements of a list, for schemas that have a way; to be asked for after {@link write}. */
  get writeMany(): WriteManyFunction | undefined {
    return undefined;
  }

  /** @internal Writes a value as an element. */
  get write(): WriteFunction {
    if (this.#write === undefined) {
      // Registered before the parts are compiled: a recursive part gets this detour.
      this.#write = (writer, value) => this.#write!(writer, value);
      this.#write = this.compileWrite();
    }
    return this.#write;
  }

  /** @internal Writes a value as a field. */
  get writeField(): WriteFieldFunction {
    if (this.#writeField === undefined) {
      this.#writeField = (writer, value, delta) => this.#writeField!(writer, value, delta);
      this.#writeField = this.compileWriteField(this.write);
    }
    return this.#writeField;
  }
}

/** Any schema; for constraints. */
// biome-ignore lint/suspicious/noExplicitAny: a schema is invariant in its value, and any is what accepts all.
export type AnySchema = Schema<any>;

/** The TypeScript type of a schema's values. */
export type Infer<S extends { readonly infer: unknown }> = S["infer"];

/** The error for a value that is not what the schema asks for. */
export function unexpectedValue(expected: string, value: unknown): GobError {
  if (value === undefined || value === null) {
    return new GobError("nil-value", `expected ${expected}, got ${String(value)}`);
  }
  const got = typeof value === "object" ? (value.constructor?.name ?? "object") : typeof value;
  return new GobError("type-mismatch", `expected ${expected}, got ${got}`);
}
