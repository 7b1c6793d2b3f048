import { SequenceSchema } from "./containers.ts";
import { GobError } from "./errors.ts";
import { complex64, complex128, float32, float64 } from "./floats.ts";
import { quotedShort } from "./printable.ts";
import {
  bool,
  bytes,
  int,
  int8,
  int16,
  int32,
  int64,
  string,
  uint,
  uint8,
  uint16,
  uint32,
  uint64,
  uintptr,
} from "./scalars.ts";
import type { AnySchema } from "./schema.ts";

/** Options of a registry. */
export interface RegistryOptions {
  /** Whether it starts with the basic types and slices of them, as Go's does. Default true. */
  readonly basics?: boolean;
}

/**
 * The concrete types that interface values may hold, by name. Source: gob.Register, gob.RegisterName.
 */
export class Registry {
  readonly #schemas = new Map<string, AnySchema>();

  constructor(options: RegistryOptions = {}) {
    if (options.basics !== false) for (const schema of basics()) this.register(schema);
  }

  /**
   * Adds a schema, by default under the name that gob.Register gives its type: import path and name, for a
   * pointer (`gob.optional`) `*` and the package's name only. Errors: `type-mismatch` for an empty name or
   * one that is taken by another schema.
   */
  register(schema: AnySchema, name: string = schema.type.registeredName): this {
    const known = this.#schemas.get(name);
    if (name === "" || (known !== undefined && known !== schema)) {
      throw new GobError("type-mismatch", name === "" ? "empty type name" : `type name ${name} is taken`);
    }
    this.#schemas.set(name, schema);
    return this;
  }

  /** The schema of a name, or undefined. */
  get(name: string): AnySchema | undefined {
    return this.#schemas.get(name);
  }

  /** @internal The schema of a name. Errors: `not-registered`. */
  find(name: string): AnySchema {
    const schema = this.#schemas.get(name);
    if (schema === undefined) {
      throw new GobError("not-registered", `type ${quotedShort(name)} is not registered`);
    }
    return schema;
  }
}

function basics(): AnySchema[] {
  const integers = [int, int8, int16, int32, int64, uint, uint16, uint32, uint64, uintptr];
  const others = [float32, float64, complex64, complex128, bool, string];
  const all: AnySchema[] = [...integers, ...others];
  return [...all, uint8, bytes, ...all.map((schema) => new SequenceSchema(schema))];
}

/** The default registry of `gob.interface()`: Go's basic types and slices of them. */
export const defaultRegistry = new Registry();
