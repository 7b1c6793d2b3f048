import { isSentAsField } from "./encoder.ts";
import { withStep } from "./errors.ts";
import { basicType, type GoType } from "./go-type.ts";
import { enterInterface } from "./interface-content.ts";
import type { Reader } from "./reader.ts";
import { defaultRegistry, Registry } from "./registry.ts";
import {
  type AnySchema,
  type ReadFunction,
  Schema,
  unexpectedValue,
  type WriteFieldFunction,
  type WriteFunction,
} from "./schema.ts";
import { checkSharedField } from "./struct.ts";
import type { WireTypes } from "./wire-types.ts";
import type { Writer } from "./writer.ts";

/** Schemas by registered names, where the set is known: gives a discriminated union. */
export type InterfaceCases = Readonly<Record<string, AnySchema>>;

/** A non-nil interface value whose concrete type is found by name. */
export interface InterfaceValue {
  /** The name under which the concrete type is registered. */
  readonly name: string;
  readonly value: unknown;
}

/** The TypeScript type of an interface with these cases. */
export type InferInterface<C extends InterfaceCases> =
  | { [N in keyof C & string]: { readonly name: N; readonly value: C[N]["infer"] } }[keyof C & string]
  | null;

/** The memory of `{ name, value }` and the name, by estimate. */
const interfaceBytes = 72;

/** A schema of a Go interface. Nil is `null`. */
export class InterfaceSchema<T extends InterfaceValue | null> extends Schema<T> {
  override readonly type: GoType;
  readonly registry: Registry;

  constructor(registry: Registry, type: GoType = basicType("interface")) {
    super();
    this.registry = registry;
    this.type = type;
  }

  override zero(): T {
    return null as T;
  }

  protected override compileWrite(): WriteFunction {
    return (writer, value) => this.#writeValue(writer, value as InterfaceValue | null);
  }

  #writeValue(writer: Writer, value: InterfaceValue | null): void {
    if (value === null) {
      writer.uint(0);
      return;
    }
    if (typeof value !== "object" || typeof value.name !== "string") {
      throw unexpectedValue("{ name, value } or null", value);
    }
    const schema = this.registry.find(value.name);
    const target = schema.resolve();
    writer.string(value.name);
    writer.int(writer.definitions!.describe(writer, schema.type));
    const outer = writer.enterMessage();
    writer.enter();
    if (isSentAsField(schema.type)) writer.byte(0);
    try {
      target.write(writer, value.value);
    } catch (error) {
      throw withStep(error, `(${value.name})`);
    }
    writer.depth--;
    writer.leaveMessage(outer);
  }

  protected override compileWriteField(write: WriteFunction): WriteFieldFunction {
    return (writer, value, delta) => {
      if (value === null) return false;
      writer.uint(delta);
      write(writer, value);
      return true;
    };
  }

  override compileRead(wire: WireTypes, id: number): ReadFunction {
    wire.expect(this, id, "interface");
    return (reader) => this.#readValue(reader, wire);
  }

  #readValue(reader: Reader, wire: WireTypes): InterfaceValue | null {
    const content = enterInterface(reader, wire, (name) => this.registry.find(name));
    if (content === undefined) return null;
    const { name, id } = content;
    const schema = this.registry.find(name);
    checkSharedField(schema, wire, id);
    reader.take(interfaceBytes + schema.footprint);
    try {
      const value: unknown = wire.reader(schema, id)(reader);
      reader.depth--;
      return { name, value };
    } catch (error) {
      throw withStep(error, `(${name})`);
    }
  }
}

function interfaceOf<const C extends InterfaceCases>(cases: C): InterfaceSchema<InferInterface<C>>;
function interfaceOf(registry?: Registry): InterfaceSchema<InterfaceValue | null>;
function interfaceOf(known: Registry | InterfaceCases = defaultRegistry): AnySchema {
  if (known instanceof Registry) return new InterfaceSchema(known);
  const registry = new Registry({ basics: false });
  for (const [name, schema] of Object.entries(known)) registry.register(schema, name);
  return new InterfaceSchema(registry);
}

export {
  /**
   * A Go interface. Its values are `{ name, value }`, with the name under which the concrete type is
   * registered, or `null` for nil. Given schemas by name, the values are a discriminated union of these;
   * given a {@link Registry} (default: one with Go's basic types), any type in it.
   * Errors: `not-registered` for another name.
   */
  interfaceOf as interface,
};
