/**
 * Go's encoding/gob. Meant to be used as a namespace:
 *
 *     import * as gob from "weave-mesh/gob";
 *     const Point = gob.struct("main.Point", { X: gob.int, Y: gob.int64, Note: gob.optional(gob.string) });
 *     type Point = gob.Infer<typeof Point>;
 *     gob.decode(Point, gob.encode(Point, { X: 1, Y: 2n }));
 */
export { array, entries, lazy, map, named, optional, slice, struct } from "./builders.ts";
export { type BigFloat, type BigRat, bigFloat, bigFloatToNumber, bigInt, bigRat } from "./codecs/big.ts";
export { netipAddr, url, uuid } from "./codecs/net.ts";
export { type Time, time, timeFromDate, timeToDate } from "./codecs/time.ts";
export { EntriesSchema, MapSchema, SequenceSchema } from "./containers.ts";
export { type CollectedTypes, collectTypes } from "./convert/collect.ts";
export { toGoDeclarations } from "./convert/go-declarations.ts";
export { decodeToJsonLines, toJson, toJsonLine } from "./convert/json.ts";
export { toSchemaSource } from "./convert/schema-source.ts";
export { transcode } from "./convert/transcode.ts";
export { decode, decodeStream } from "./decode.ts";
export { Decoder, type DecoderOptions, type ReadResult } from "./decoder.ts";
export type { Definition, DefinitionField } from "./definition.ts";
export {
  type DynamicComplex,
  type DynamicFloat,
  DynamicInterface,
  type DynamicValue,
  NaNBits,
  type SentDefinition,
  type StreamValue,
} from "./dynamic/value.ts";
export { type WireField, type WireKind, WireType } from "./dynamic/wire-type.ts";
export { encodeStream } from "./dynamic/write.ts";
export { Encoder, type EncoderOptions, encode } from "./encoder.ts";
export { GobError, type GobErrorCode, type GobErrorOptions } from "./errors.ts";
export { type Complex, complex64, complex128, float32, float64 } from "./floats.ts";
export type { EncodingMethod, GoField, GoKind, GoType } from "./go-type.ts";
export {
  type InferInterface,
  type InterfaceCases,
  InterfaceSchema,
  type InterfaceValue,
  interface,
} from "./interface.ts";
export { defaultLimits, type Limits } from "./limits.ts";
export { type OpaqueCodec, type OpaqueOptions, OpaqueSchema, opaque } from "./opaque.ts";
export { defaultRegistry, Registry, type RegistryOptions } from "./registry.ts";
export {
  bigint,
  bool,
  bytes,
  int,
  int8,
  int16,
  int32,
  int64,
  number,
  type ScalarCodec,
  ScalarSchema,
  string,
  uint,
  uint8,
  uint16,
  uint32,
  uint64,
  uintptr,
} from "./scalars.ts";
export { type AnySchema, type Infer, Schema } from "./schema.ts";
export { type ByteSource, readAnyValues, readValues } from "./streams.ts";
export { type InferFields, type StructFields, StructSchema } from "./struct.ts";
export { decodeUtf8, encodeUtf8 } from "./text.ts";
export { type AssignOptions, type Typed, TypeTable, type TypeTableOptions } from "./type-table.ts";
export { LazySchema, OptionalSchema } from "./wrappers.ts";
