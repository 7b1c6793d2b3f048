import { type Definition, firstDefinableId } from "./definition.ts";
import { GobError, withStep } from "./errors.ts";
import { type GoField, GoType } from "./go-type.ts";
import type { Reader } from "./reader.ts";
import {
  type AnySchema,
  type ReadFunction,
  Schema,
  unexpectedValue,
  type WriteFieldFunction,
  type WriteFunction,
} from "./schema.ts";
import { skipper } from "./skip.ts";
import type { WireTypes } from "./wire-types.ts";

/** A struct's fields by their Go names, in Go's order. */
export type StructFields = Readonly<Record<string, AnySchema>>;

type OptionalKeys<F extends StructFields> = {
  [K in keyof F]: F[K] extends { readonly optional: true } ? K : never;
}[keyof F];

type Flat<T> = { [K in keyof T]: T[K] };

/** The TypeScript type of a struct with these fields. */
export type InferFields<F extends StructFields> = Flat<
  { [K in Exclude<keyof F, OptionalKeys<F>>]: F[K]["infer"] } & {
    [K in OptionalKeys<F>]?: F[K]["infer"] | undefined;
  }
>;

interface WritePlan {
  readonly name: string;
  readonly write: WriteFieldFunction;
  readonly isOptional: boolean;
}

interface ReadStep {
  /** Undefined for a field that we do not have. */
  readonly name: string | undefined;
  readonly read: ReadFunction;
}

/** A schema of a Go struct. Fields are looked at on first use only, so that getters may name the schema itself. */
export class StructSchema<F extends StructFields> extends Schema<unknown> {
  declare readonly infer: InferFields<F>;
  readonly fields: F;
  override readonly type: GoType;

  constructor(name: string, fields: F) {
    super();
    this.fields = fields;
    this.type = new GoType("struct", name, { fields: () => this.#goFields() });
  }

  #goFields(): GoField[] {
    return Object.entries(this.fields).map(([name, schema]) => ({ name, type: schema.type }));
  }

  override zero(): InferFields<F> {
    const value: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(this.fields)) {
      if (!schema.isOptional) value[name] = schema.zero();
    }
    return value as InferFields<F>;
  }

  protected override compileWrite(): WriteFunction {
    const plan: WritePlan[] = Object.entries(this.fields).map(([name, schema]) => ({
      name,
      write: schema.resolve().writeField,
      isOptional: schema.isOptional,
    }));
    return (writer, value) => {
      if (typeof value !== "object" || value === null) throw unexpectedValue(`a ${this.type.text}`, value);
      const object = value as Record<string, unknown>;
      let last = -1;
      let index = 0;
      writer.enter();
      try {
        for (; index < plan.length; index++) {
          const field = plan[index]!;
          const fieldValue = object[field.name];
          if (fieldValue === undefined && field.isOptional) continue;
          if (field.write(writer, fieldValue, index - last)) last = index;
        }
      } catch (error) {
        throw withStep(error, plan[index]!.name);
      }
      writer.depth--;
      writer.byte(0);
    };
  }

  protected override compileWriteField(write: WriteFunction): WriteFieldFunction {
    // A nested struct is sent whatever it holds.
    return (writer, value, delta) => {
      writer.uint(delta);
      write(writer, value);
      return true;
    };
  }

  override compileRead(wire: WireTypes, id: number): ReadFunction {
    const definition = wire.match(this, id, "struct");
    const steps: ReadStep[] = [];
    const zeros = this.#zeros();
    const read: ReadFunction = (reader) => {
      const value: Record<string, unknown> = { ...zeros.template };
      reader.enter();
      readStruct(reader, steps, value);
      reader.depth--;
      for (const { name, schema } of zeros.fresh) if (value[name] === undefined) value[name] = schema.zero();
      return value;
    };
    wire.remember(this, id, read);
    const { fields } = this;
    for (const field of definition.fields) {
      const schema = Object.hasOwn(fields, field.name) ? fields[field.name] : undefined;
      steps.push(
        schema === undefined
          ? { name: undefined, read: skipper(wire, field.id) }
          : { name: field.name, read: compileField(wire, schema, field) },
      );
    }
    return read;
  }

  /**
   * The object to start from: zero values that can be shared in place; those that cannot (lists, maps,
   * nested structs) are made afterwards where none came.
   */
  #zeros(): { template: Record<string, unknown>; fresh: { name: string; schema: AnySchema }[] } {
    const template: Record<string, unknown> = {};
    const fresh: { name: string; schema: AnySchema }[] = [];
    for (const [name, schema] of Object.entries(this.fields)) {
      if (schema.isOptional) continue;
      const zero: unknown = schema.zero();
      const isShared = typeof zero !== "object" || zero === null;
      template[name] = isShared ? zero : undefined;
      if (!isShared) fresh.push({ name, schema });
    }
    return { template, fresh };
  }

  /** @internal Whether a sender's struct shares no field with ours although both have some: Go refuses that. */
  hasNothingIn(definition: Definition): boolean {
    if (definition.kind !== "struct" || definition.fields.length === 0) return false;
    const names = Object.keys(this.fields);
    return names.length > 0 && !definition.fields.some((field) => Object.hasOwn(this.fields, field.name));
  }
}

function compileField(wire: WireTypes, schema: AnySchema, field: { name: string; id: number }): ReadFunction {
  try {
    return wire.reader(schema, field.id);
  } catch (error) {
    throw withStep(error, field.name);
  }
}

function readStruct(reader: Reader, steps: readonly ReadStep[], value: Record<string, unknown>): void {
  let field = -1;
  try {
    // Go's decoder takes the end of the message for the end of the struct, too.
    while (reader.pos < reader.end) {
      const delta = reader.uint();
      if (delta === 0) return;
      if (delta >= steps.length - field) {
        throw reader.fail("corrupt", `field number ${field + delta} in a struct of ${steps.length} fields`);
      }
      field += delta;
      const step = steps[field]!;
      const fieldValue = step.read(reader);
      if (step.name !== undefined) value[step.name] = fieldValue;
    }
  } catch (error) {
    const name = steps[field]?.name;
    throw name === undefined ? error : withStep(error, name);
  }
}

/** @internal Go refuses a top-level struct of which it knows no field. */
export function checkSharedField(schema: Schema, wire: WireTypes, id: number): void {
  const target = schema.resolve();
  if (!(target instanceof StructSchema) || id < firstDefinableId) return;
  const definition = wire.get(id)?.definition;
  if (definition !== undefined && target.hasNothingIn(definition)) {
    throw new GobError("type-mismatch", `${wire.text(id)} has no field in common with ${target.type.text}`);
  }
}
