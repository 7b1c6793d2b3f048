import type { Definition } from "../definition.ts";
import type { WireType } from "./wire-type.ts";

/** A NaN with other bits than Go's `math.NaN()`, which is plain `NaN` here. JavaScript may not keep them. */
export class NaNBits {
  /** The 64 bits of IEEE 754. */
  readonly bits: bigint;

  constructor(bits: bigint) {
    this.bits = bits;
  }
}

/** A float as it is on the wire. */
export type DynamicFloat = number | NaNBits;

/** A complex number. */
export interface DynamicComplex {
  readonly re: DynamicFloat;
  readonly im: DynamicFloat;
}

/** A type definition and the id it was sent under. */
export interface SentDefinition {
  readonly id: number;
  readonly definition: Definition;
}

/** The content of an interface value; a nil one is `null`. */
export class DynamicInterface {
  /** The name under which the sender registered the concrete type. */
  readonly name: string;
  readonly type: WireType;
  readonly value: DynamicValue;
  /** Definitions that the stream sent just before this value, in its middle. */
  readonly definitions: readonly SentDefinition[];

  constructor(name: string, type: WireType, value: DynamicValue, definitions: readonly SentDefinition[]) {
    this.name = name;
    this.type = type;
    this.value = value;
    this.definitions = definitions;
  }
}

/**
 * A value without a schema, to be read by its {@link WireType}:
 *
 *     bool       boolean                       string     string (bytes that are not UTF-8: see decodeUtf8)
 *     int, uint  bigint                        bytes      Uint8Array
 *     float      number or NaNBits             opaque     Uint8Array
 *     complex    { re, im }                    interface  DynamicInterface or null
 *     slice, array  array of values            map        array of [key, value], in wire order
 *     struct     Map from field name to value, the transmitted fields only, in wire order
 */
export type DynamicValue =
  | boolean
  | bigint
  | number
  | NaNBits
  | DynamicComplex
  | string
  | Uint8Array
  | DynamicInterface
  | null
  | readonly DynamicValue[]
  | readonly (readonly [DynamicValue, DynamicValue])[]
  | ReadonlyMap<string, DynamicValue>;

/** One top-level value of a stream. */
export interface StreamValue {
  readonly type: WireType;
  readonly value: DynamicValue;
  /** Definitions that the stream sent since the value before, used by this value or not. */
  readonly definitions: readonly SentDefinition[];
}
