import { type Definition, firstDefinableId } from "./definition.ts";
import { GobError, withStep } from "./errors.ts";
import {
  generateRead,
  generateWrite,
  loopRead,
  loopWrite,
  mostFields,
  type ReadFactory,
  type ReadProperty,
  setField,
} from "./generate.ts";
import { type GoField, GoType } from "./go-type.ts";
import type { Reader } from "./reader.ts";
import {
  type AnySchema,
  type ReadFunction,
  Schema,
  unexpectedValue,
  type WriteFieldFunction,
  type WriteFunction,
  type WriteManyFunction,
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

/** Senders' orders of fields for which a schema keeps a function; others are read by a loop. */
const keptFactories = 16;
/** The longest field name, in UTF-16 units, in a kept order. */
const longestKeptName = 256;

/** A schema of a Go struct. Fields are looked at on first use only, so that getters may name the schema itself. */
export class StructSchema<F extends StructFields> extends Schema<unknown> {
  declare readonly infer: InferFields<F>;
  readonly fields: F;
  override readonly type: GoType;
  #properties: ReadProperty[] | undefined;
  #targets: ReadonlyMap<string, number> | undefined;
  #footprint: number | undefined;
  #writeMany: WriteManyFunction | undefined;
  readonly #factories = new Map<string, ReadFactory>();

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
      if (!schema.isOptional) setField(value, name, schema.zero());
    }
    return value as InferFields<F>;
  }

  override get footprint(): number {
    if (this.#footprint === undefined) {
      let bytes = 32;
      // A field that is left out gets its zero value, which takes as much as one that came.
      for (const schema of Object.values(this.fields)) bytes += 8 + schema.footprint;
      this.#footprint = bytes;
    }
    return this.#footprint;
  }

  protected override compileWrite(): WriteFunction {
    const plan = Object.entries(this.fields).map(([name, schema]) => ({
      name,
      write: schema.resolve().writeField,
      put: schema.resolve().put,
      isOptional: schema.isOptional,
    }));
    const fail = (error: unknown, index: number, element?: number): unknown => {
      const failure = withStep(error, plan[index]!.name);
      return element === undefined ? failure : withStep(failure, `[${element}]`);
    };
    const refuse = (value: unknown): unknown => unexpectedValue(`a ${this.type.shortText}`, value);
    const { write, writeMany } = generateWrite(plan, fail, refuse) ?? loopWrite(plan, fail, refuse);
    this.#writeMany = writeMany as WriteManyFunction | undefined;
    return write as WriteFunction;
  }

  override get writeMany(): WriteManyFunction | undefined {
    return this.#writeMany;
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
    this.#properties ??= this.#planProperties();
    const properties = this.#properties;
    const names = definition.fields.map((field) => field.name);
    const fail = (error: unknown, index: number, reader: Reader): unknown => {
      // Thrown by the generated code itself for a field number that is too high.
      if (error === undefined) {
        return reader.fail("corrupt", `field number beyond a struct of ${names.length} fields`);
      }
      return index < 0 || index >= names.length ? error : withStep(error, names[index]!);
    };
    const steps: ReadFunction[] = [];
    const read = this.#readFactory(names, properties)(steps, properties, fail);
    wire.remember(this, id, read);
    for (const field of definition.fields) {
      const schema = Object.hasOwn(this.fields, field.name) ? this.fields[field.name] : undefined;
      steps.push(schema === undefined ? skipper(wire, field.id) : compileField(wire, schema, field));
    }
    return read;
  }

  /** The factory for a sender's order of fields; kept, as generating costs far more than running it. */
  #readFactory(names: readonly string[], properties: readonly ReadProperty[]): ReadFactory {
    // Senders' names stay as long as the schema, so only those of ordinary structs are kept.
    const isShort = names.length <= mostFields && names.every((name) => name.length <= longestKeptName);
    // Unambiguous whatever the names are.
    const key = isShort ? JSON.stringify(names) : "";
    let factory = isShort ? this.#factories.get(key) : undefined;
    if (factory === undefined) {
      this.#targets ??= new Map(properties.map(({ name }, index) => [name, index]));
      const known = this.#targets;
      const targets = names.map((name) => known.get(name));
      const isKept = isShort && this.#factories.size < keptFactories;
      factory = (isKept ? generateRead(properties, targets) : undefined) ?? loopRead(properties, targets);
      if (isKept) this.#factories.set(key, factory);
    }
    return factory;
  }

  #planProperties(): ReadProperty[] {
    return Object.entries(this.fields).map(([name, schema]) => {
      const { isOptional } = schema;
      const zero: unknown = isOptional ? undefined : schema.zero();
      // Lists, maps and structs are the value's own: each needs a new one.
      const isShared = isOptional || typeof zero !== "object" || zero === null;
      return isShared
        ? { name, isOptional, shared: zero, make: undefined }
        : { name, isOptional, shared: undefined, make: () => schema.zero() as unknown };
    });
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

/** Structs with more fields on the wire have the answer of {@link checkSharedField} kept. */
const fewFields = 16;

/** @internal Go refuses a top-level struct of which it knows no field. Errors: `type-mismatch`. */
export function checkSharedField(schema: Schema, wire: WireTypes, id: number): void {
  const target = schema.resolve();
  if (!(target instanceof StructSchema) || id < firstDefinableId) return;
  const definition = wire.get(id)?.definition;
  if (definition?.kind !== "struct") return;
  const hasNothing =
    definition.fields.length <= fewFields
      ? target.hasNothingIn(definition)
      : wire.once(target, id, () => target.hasNothingIn(definition));
  if (!hasNothing) return;
  throw new GobError(
    "type-mismatch",
    `${wire.text(id)} has no field in common with ${target.type.shortText}`,
  );
}
