import type { GoType } from "./go-type.ts";
import type { PutFunction } from "./put.ts";
import { ScalarSchema } from "./scalars.ts";
import {
  type AnySchema,
  type ReadFunction,
  Schema,
  unexpectedValue,
  type WriteFieldFunction,
  type WriteFunction,
} from "./schema.ts";
import type { WireTypes } from "./wire-types.ts";

/** A schema of a Go pointer, which gob sends as what it points to, or not at all if nil. */
export class OptionalSchema<S extends AnySchema> extends Schema<S["infer"] | undefined> {
  /** Marks the field as optional for the type checker. */
  readonly optional = true;
  readonly target: S;

  constructor(target: S) {
    super();
    this.target = target;
  }

  override get type(): GoType {
    return this.target.type.pointer;
  }

  override get isOptional(): boolean {
    return true;
  }

  override zero(): undefined {
    return undefined;
  }

  override get put(): PutFunction | undefined {
    return this.target.resolve().put;
  }

  protected override compileWrite(): WriteFunction {
    const write = this.target.resolve().write;
    return (writer, value) => {
      // Elements and top-level values must be there: gob cannot send a nil pointer.
      if (value === undefined) throw unexpectedValue(`a ${this.target.type.shortText}`, value);
      write(writer, value);
    };
  }

  protected override compileWriteField(writeElement: WriteFunction): WriteFieldFunction {
    const target = this.target.resolve();
    if (target.type.opaque !== undefined) {
      // Behind a pointer an encoding method is asked whatever the value, zero or not.
      return (writer, value, delta) => {
        if (value === undefined) return false;
        writer.uint(delta);
        writeElement(writer, value);
        return true;
      };
    }
    const write = target.writeField;
    return (writer, value, delta) => value !== undefined && write(writer, value, delta);
  }

  override get footprint(): number {
    // What is there is counted when it is read.
    return 0;
  }

  override compileRead(wire: WireTypes, id: number): ReadFunction {
    const read = wire.reader(this.target, id);
    const target = this.target.resolve();
    if (target instanceof ScalarSchema) return read;
    const { footprint } = target;
    return (reader) => {
      reader.take(footprint);
      return read(reader);
    };
  }
}

/** A schema that is looked up when it is first used. */
export class LazySchema<S extends AnySchema> extends Schema<unknown> {
  declare readonly infer: S["infer"];
  readonly #get: () => S;
  #target: Schema | undefined;

  constructor(get: () => S) {
    super();
    this.#get = get;
  }

  override resolve(): Schema {
    this.#target ??= this.#get().resolve();
    return this.#target;
  }

  override get type(): GoType {
    return this.resolve().type;
  }

  override get isOptional(): boolean {
    return this.resolve().isOptional;
  }

  override zero(): S["infer"] {
    return this.resolve().zero();
  }

  override get footprint(): number {
    return this.resolve().footprint;
  }

  protected override compileWrite(): WriteFunction {
    return this.resolve().write;
  }

  protected override compileWriteField(): WriteFieldFunction {
    return this.resolve().writeField;
  }

  override compileRead(wire: WireTypes, id: number): ReadFunction {
    return this.resolve().compileRead(wire, id);
  }
}
