import { EntriesSchema, MapSchema, SequenceSchema } from "./containers.ts";
import { GobError } from "./errors.ts";
import { GoType } from "./go-type.ts";
import { InterfaceSchema } from "./interface.ts";
import { ScalarSchema } from "./scalars.ts";
import type { AnySchema } from "./schema.ts";
import { type StructFields, StructSchema } from "./struct.ts";
import { LazySchema, OptionalSchema } from "./wrappers.ts";

/** A Go slice `[]S` as an array. Zero is `[]`; gob does not tell nil from empty. For bytes use `gob.bytes`. */
export function slice<S extends AnySchema>(elem: S): SequenceSchema<S> {
  return new SequenceSchema(elem);
}

/** A Go array `[length]S` as an array of just that length. Errors on encoding another: `type-mismatch`. */
export function array<S extends AnySchema>(elem: S, length: number): SequenceSchema<S> {
  if (!Number.isSafeInteger(length) || length < 0) throw new RangeError(`array length ${length}`);
  return new SequenceSchema(elem, length);
}

/**
 * A Go map as a `Map`, in wire order. Keys that repeat on the wire (NaN, pointers) or that JavaScript
 * compares by identity (structs, arrays) ask for {@link entries}. Zero is an empty map, which is sent;
 * `gob.optional(gob.map(...))` can be nil and is then left out.
 */
export function map<K extends AnySchema, V extends AnySchema>(key: K, elem: V): MapSchema<K, V> {
  return new MapSchema(key, elem);
}

/** A Go map as an array of `[key, value]` in wire order: nothing is lost, whatever the keys. */
export function entries<K extends AnySchema, V extends AnySchema>(key: K, elem: V): EntriesSchema<K, V> {
  return new EntriesSchema(key, elem);
}

/**
 * A Go struct. `name` is its wire name, as a rule with the package or its import path before it
 * (`mesh.peerSummary`, `example.com/geo.Point`): that shows only in the wire names of unnamed types made
 * from it, and in registered names. Without one it is package main. An empty name is an anonymous struct.
 * `fields` stand under their Go names, in Go's order. A field may be a getter that returns a schema, so that
 * a struct can hold itself: `{ Value: gob.int, get Next() { return gob.optional(Node); } }`.
 */
export function struct<const F extends StructFields>(name: string, fields: F): StructSchema<F> {
  return new StructSchema(name, fields);
}

/**
 * A field that may be missing: a Go pointer, nil when undefined. On the wire `*T` and `T` are alike, so it
 * also serves to tell "left out" from zero. Decoding a field that was left out gives undefined (no property).
 */
export function optional<S extends AnySchema>(schema: S): OptionalSchema<S> {
  return new OptionalSchema(schema);
}

/** A schema that is only looked up on first use, for recursive types. */
export function lazy<S extends AnySchema>(get: () => S): LazySchema<S> {
  return new LazySchema(get);
}

/**
 * The same values under a named Go type (`type Celsius float64`): the name shows on the wire for slices,
 * arrays and maps, and in the names of unnamed types made from it.
 * Errors: `type-mismatch` for structs (which have their own name) and optional schemas.
 */
export function named<S extends AnySchema>(name: string, schema: S): S {
  if (schema instanceof ScalarSchema) {
    return new ScalarSchema(schema.type.named(name), schema.codec) as unknown as S;
  }
  // The element may be the type itself, found through `lazy`, so its type is taken only when asked for.
  if (schema instanceof SequenceSchema) {
    const { elem, length } = schema;
    return new SequenceSchema(
      elem,
      length,
      namedContainer(name, length === undefined ? "slice" : "array", schema),
    ) as unknown as S;
  }
  if (schema instanceof MapSchema) {
    return new MapSchema(schema.key, schema.elem, namedContainer(name, "map", schema)) as unknown as S;
  }
  if (schema instanceof EntriesSchema) {
    return new EntriesSchema(schema.key, schema.elem, namedContainer(name, "map", schema)) as unknown as S;
  }
  if (schema instanceof InterfaceSchema) {
    return new InterfaceSchema(schema.registry, schema.type.named(name)) as unknown as S;
  }
  throw new GobError("type-mismatch", `${schema.type.shortText} cannot be given another name`);
}

function namedContainer(
  name: string,
  kind: "slice" | "array" | "map",
  schema: { readonly elem: AnySchema; readonly key?: AnySchema; readonly length?: number | undefined },
): GoType {
  return new GoType(kind, name, {
    elem: () => schema.elem.type,
    key: () => schema.key!.type,
    length: schema.length,
  });
}
