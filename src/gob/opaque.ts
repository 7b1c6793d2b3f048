import { GobError } from "./errors.ts";
import { type EncodingMethod, GoType } from "./go-type.ts";
import { printable } from "./printable.ts";
import type { Reader } from "./reader.ts";
import {
  type AnySchema,
  type ReadFunction,
  Schema,
  type WriteFieldFunction,
  type WriteFunction,
} from "./schema.ts";
import type { WireTypes } from "./wire-types.ts";

/** The conversion between the bytes of a type with an encoding method and its values in TypeScript. */
export interface OpaqueCodec<T> {
  /** Returns what the Go method would return. The bytes are copied at once. Errors thrown here get the code `codec`. */
  readonly encode: (value: T) => Uint8Array;
  /** The inverse. The bytes are the codec's to keep. Errors thrown here get the code `codec`. */
  readonly decode: (bytes: Uint8Array) => T;
  /** The zero value, for fields that were left out. */
  readonly zero: () => T;
  /**
   * Whether a value is Go's zero value, which a field of a type with a value receiver leaves out.
   * Default: never.
   */
  readonly isZero?: ((value: T) => boolean) | undefined;
}

/** A Go type with GobEncode, MarshalBinary or MarshalText. */
export interface OpaqueOptions<T> extends EncodingMethod {
  /** The type's name with its package, as `time.Time`. */
  readonly name: string;
  readonly codec: OpaqueCodec<T>;
  /**
   * The type's exported structure, if it has any: Go sends the definitions of the types in it, though no
   * value uses them. Default: a struct without exported fields.
   */
  readonly underlying?: AnySchema | undefined;
}

/** A schema of a Go type that encodes itself to bytes. */
export class OpaqueSchema<T> extends Schema<T> {
  override readonly type: GoType;
  readonly codec: OpaqueCodec<T>;

  constructor(options: OpaqueOptions<T>) {
    super();
    const { name, encoding, receiver, underlying } = options;
    const structure = underlying?.type;
    this.codec = options.codec;
    this.type = new GoType(structure?.kind ?? "struct", name, {
      elem: structure && (() => structure.elem),
      key: structure && (() => structure.key),
      length: structure?.length,
      fields: () => structure?.fields ?? [],
      method: { encoding, receiver },
    });
  }

  override zero(): T {
    return this.codec.zero();
  }

  override get footprint(): number {
    return 160;
  }

  #encode(value: T): Uint8Array {
    try {
      return this.codec.encode(value);
    } catch (error) {
      throw this.#refusal("encode", error);
    }
  }

  #decode(reader: Reader): T {
    const bytes = reader.bytes();
    try {
      return this.codec.decode(bytes);
    } catch (error) {
      throw this.#refusal("decode", error).at(reader.offset);
    }
  }

  #refusal(action: string, error: unknown): GobError {
    const reason = error instanceof Error ? error.message : String(error);
    return new GobError("codec", `cannot ${action} ${this.type.shortText}: ${printable(reason)}`, {
      cause: error,
    });
  }

  protected override compileWrite(): WriteFunction {
    return (writer, value) => writer.bytes(this.#encode(value as T));
  }

  protected override compileWriteField(write: WriteFunction): WriteFieldFunction {
    const { isZero } = this.codec;
    const leavesOutZero = this.type.method!.receiver === "value" && isZero !== undefined;
    return (writer, value, delta) => {
      if (leavesOutZero && isZero(value as T)) return false;
      writer.uint(delta);
      write(writer, value);
      return true;
    };
  }

  override compileRead(wire: WireTypes, id: number): ReadFunction {
    const definition = wire.match(this, id, "opaque");
    if (definition.encoding !== this.type.method!.encoding) throw wire.mismatch(this, id);
    return (reader) => this.#decode(reader);
  }
}

/**
 * A schema of a Go type with an encoding method, by a codec of one's own:
 *
 *     const Version = gob.opaque({
 *       name: "main.Version", encoding: "text", receiver: "value",
 *       codec: {
 *         encode: (version: string) => gob.encodeUtf8(version), decode: gob.decodeUtf8,
 *         zero: () => "", isZero: (version) => version === "",
 *       },
 *     });
 */
export function opaque<T>(options: OpaqueOptions<T>): OpaqueSchema<T> {
  return new OpaqueSchema(options);
}
