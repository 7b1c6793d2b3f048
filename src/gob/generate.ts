import { type PutFunction, putRoom } from "./put.ts";
import type { Reader } from "./reader.ts";
import type { ReadFunction, WriteFieldFunction, WriteFunction, WriteManyFunction } from "./schema.ts";
import type { Writer } from "./writer.ts";

// The one place that makes code at run time. A loop over a struct's fields reaches every property by a name
// that changes each time, which costs more than all the rest (bench/gob: 1.6 to 3 times slower, topology and
// structs). So each struct gets functions with its own property names, where the engine allows `new Function`;
// where it does not (a content security policy, --disallow-code-generation-from-strings) the loops in
// struct.ts do the same, and the tests run both.

/** Whether functions may be generated; `enabled` is for tests. */
export const generation = { enabled: canGenerate() };

/** Structs with more fields are read and written by the loops. */
export const mostFields = 64;

function canGenerate(): boolean {
  try {
    return new Function("return true")() === true;
  } catch {
    return false;
  }
}

function isFit(names: readonly string[]): boolean {
  // A literal with this name would set the prototype.
  return generation.enabled && names.length <= mostFields && !names.includes("__proto__");
}

/** One field to be written. */
export interface WritePlan {
  readonly name: string;
  readonly write: WriteFieldFunction;
  /** The fast way for ordinary values, if there is one. */
  readonly put: PutFunction | undefined;
  readonly isOptional: boolean;
}

type WriteFactory = (
  steps: readonly WriteFieldFunction[],
  puts: readonly (PutFunction | undefined)[],
  fail: (error: unknown, index: number, element?: number) => unknown,
  refuse: (value: unknown) => unknown,
) => StructWriters;

/** Functions that write a struct's fields and its end mark. */
export interface StructWriters {
  readonly write: WriteFunction<object>;
  /** The same for structs of a list, see {@link WriteManyFunction}. */
  readonly writeMany?: WriteManyFunction<object>;
}

/** Functions that write a struct, or undefined where the loop is to be used. */
export function generateWrite(
  plan: readonly WritePlan[],
  fail: (error: unknown, index: number, element?: number) => unknown,
  refuse: (value: unknown) => unknown,
): StructWriters | undefined {
  if (!isFit(plan.map(({ name }) => name))) return undefined;
  const steps = plan.map((_, i) => `const write${i} = steps[${i}], put${i} = puts[${i}];`);
  const room = 1 + putRoom * plan.filter(({ put }) => put !== undefined).length;
  // Buffer and position live in variables; the general way gets the writer as it expects it.
  const fields = plan.map(({ name, isOptional, put }, i) => {
    const general = `writer.pos = pos;
        if (write${i}(writer, field, ${i} - last)) last = ${i};
        writer.ensure(${room});
        data = writer.data; pos = writer.pos;`;
    const write =
      put === undefined
        ? general
        : `next = put${i}(data, pos, ${i} - last, field);
        if (next > pos) { pos = next; last = ${i}; }
        else if (next < 0) { ${general} }`;
    return `index = ${i}; field = value[${JSON.stringify(name)}];
      ${isOptional ? `if (field !== undefined) { ${write} }` : write}`;
  });
  const body = `${steps.join("\n")}
    function write(writer, value) {
      if (typeof value !== "object" || value === null) throw refuse(value);
      let index = 0, last = -1, field, next;
      writer.enter();
      writer.ensure(${room});
      let data = writer.data, pos = writer.pos;
      try {
      ${fields.join("\n")}
      } catch (error) { throw fail(error, index); }
      data[pos] = 0;
      writer.pos = pos + 1;
      writer.depth--;
    }
    function writeMany(writer, values, from) {
      const { length } = values;
      let index = 0, last, field, next, element = from;
      writer.enter();
      let data = writer.data, pos = writer.pos;
      try {
        for (; element < length; element++) {
          const value = values[element];
          if (typeof value !== "object" || value === null) break;
          if (pos + ${room} > data.length) {
            writer.pos = pos;
            writer.ensure(${room});
            data = writer.data;
          }
          last = -1;
          ${fields.join("\n")}
          data[pos++] = 0;
        }
      } catch (error) { throw fail(error, index, element); }
      writer.pos = pos;
      writer.depth--;
      return element;
    }
    return { write, writeMany };`;
  return (new Function("steps", "puts", "fail", "refuse", body) as WriteFactory)(
    plan.map(({ write }) => write),
    plan.map(({ put }) => put),
    fail,
    refuse,
  );
}

/** One property of the object that is read. */
export interface ReadProperty {
  readonly name: string;
  readonly isOptional: boolean;
  /** The zero value, if one can be shared. */
  readonly shared: unknown;
  /** Else makes one. */
  readonly make: (() => unknown) | undefined;
}

/** Makes the reading function from the reading functions of the wire's fields. */
export type ReadFactory = (
  steps: readonly ReadFunction[],
  properties: readonly ReadProperty[],
  fail: (error: unknown, index: number, reader: Reader) => unknown,
) => ReadFunction<object>;

/**
 * A factory of functions that read a struct whose wire fields go to the properties `targets` says (undefined:
 * passed over), or undefined where the loop is to be used. `steps` is filled only after the factory ran, as
 * structs may contain themselves.
 */
export function generateRead(
  properties: readonly ReadProperty[],
  targets: readonly (number | undefined)[],
): ReadFactory | undefined {
  if (!isFit(properties.map(({ name }) => name)) || targets.length > mostFields) return undefined;
  const zeros = properties.flatMap(({ make, isOptional }, i) => {
    if (isOptional) return [];
    return make === undefined
      ? [`const zero${i} = properties[${i}].shared;`]
      : [`const make${i} = properties[${i}].make;`];
  });
  const variables = properties.map(({ make, isOptional }, i) =>
    isOptional || make !== undefined ? `field${i}` : `field${i} = zero${i}`,
  );
  const reads = targets.map(
    (target, i) => `if (next === ${i}) {
        ${target === undefined ? "" : `field${target} = `}steps[${i}](reader);
        step = reader.fieldStep();
        next = step === 0 ? -1 : next + step;
      }`,
  );
  const literal = properties.flatMap(({ name, isOptional, make }, i) => {
    if (isOptional) return [];
    const value = make === undefined ? `field${i}` : `field${i} === undefined ? make${i}() : field${i}`;
    return [`${JSON.stringify(name)}: ${value}`];
  });
  const optionals = properties.flatMap(({ name, isOptional }, i) =>
    isOptional ? [`if (field${i} !== undefined) value[${JSON.stringify(name)}] = field${i};`] : [],
  );
  const body = `${zeros.join("\n")}
    return function readStruct(reader) {
      let ${["step", "next = -1", ...variables].join(", ")};
      reader.enter();
      try {
        step = reader.fieldStep();
        if (step !== 0) next = step - 1;
        ${reads.join("\n")}
        if (next !== -1) throw undefined;
      } catch (error) { throw fail(error, next, reader); }
      reader.depth--;
      const value = { ${literal.join(", ")} };
      ${optionals.join("\n")}
      return value;
    };`;
  return new Function("steps", "properties", "fail", body) as ReadFactory;
}

/** The loop that {@link generateWrite} unrolls. */
export function loopWrite(
  plan: readonly WritePlan[],
  fail: (error: unknown, index: number) => unknown,
  refuse: (value: unknown) => unknown,
): StructWriters {
  const write = (writer: Writer, value: object): void => {
    if (typeof value !== "object" || value === null) throw refuse(value);
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
      throw fail(error, index);
    }
    writer.depth--;
    writer.byte(0);
  };
  return { write };
}

/** The loop that {@link generateRead} unrolls. */
export function loopRead(
  properties: readonly ReadProperty[],
  targets: readonly (number | undefined)[],
): ReadFactory {
  const names = targets.map((target) => (target === undefined ? undefined : properties[target]!.name));
  return (steps, _, fail) => (reader) => {
    const value: Record<string, unknown> = {};
    for (const { name, isOptional, shared } of properties) if (!isOptional) setField(value, name, shared);
    let field = -1;
    reader.enter();
    try {
      for (let step = reader.fieldStep(); step !== 0; step = reader.fieldStep()) {
        field += step;
        if (field >= steps.length) throw undefined;
        const fieldValue = steps[field]!(reader);
        const name = names[field];
        if (name !== undefined) setField(value, name, fieldValue);
      }
    } catch (error) {
      throw fail(error, field, reader);
    }
    reader.depth--;
    for (const { name, make } of properties)
      if (make !== undefined && value[name] === undefined) setField(value, name, make());
    return value;
  };
}

/** Sets a property of its own, whatever the name: an assignment to `__proto__` would set the prototype. */
export function setField(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
