import * as gob from "../../src/gob/index.ts";

// The types of interop/gob/types.go, under the same names.

export const Celsius = gob.named("main.Celsius", gob.float64);
export const Level = gob.named("main.Level", gob.int8);
export const Flags = gob.named("main.Flags", gob.uint16);
export const Label = gob.named("main.Label", gob.string);
export const Blob = gob.named("main.Blob", gob.bytes);
export const Octet = gob.named("main.Octet", gob.uint8);
export const Octets = gob.named("main.Octets", gob.slice(Octet));
export const Names = gob.named("main.Names", gob.slice(gob.string));
export const Matrix = gob.named("main.Matrix", gob.array(gob.array(gob.int, 3), 2));
export const Scores = gob.named("main.Scores", gob.map(gob.string, gob.int));
export const Point = gob.struct("main.Point", { X: gob.int, Y: gob.int });
export const Empty = gob.struct("main.Empty", {});
export const One = gob.struct("main.One", { A: gob.int });

export const Scalars = gob.struct("main.Scalars", {
  Bool: gob.bool,
  Int: gob.int,
  Int8: gob.int8,
  Int16: gob.int16,
  Int32: gob.int32,
  Int64: gob.int64,
  Uint: gob.uint,
  Uint8: gob.uint8,
  Uint16: gob.uint16,
  Uint32: gob.uint32,
  Uint64: gob.uint64,
  Uintptr: gob.uintptr,
  F32: gob.float32,
  F64: gob.float64,
  C64: gob.complex64,
  C128: gob.complex128,
  String: gob.string,
  Bytes: gob.bytes,
});

export const Pointers = gob.struct("main.Pointers", {
  Bool: gob.optional(gob.bool),
  Int: gob.optional(gob.int),
  Uint: gob.optional(gob.uint64),
  F64: gob.optional(gob.float64),
  C128: gob.optional(gob.complex128),
  String: gob.optional(gob.string),
  Bytes: gob.optional(gob.bytes),
  Slice: gob.optional(gob.slice(gob.int)),
  Map: gob.optional(gob.map(gob.string, gob.int)),
  Array: gob.optional(gob.array(gob.int, 2)),
  Struct: gob.optional(Point),
  Deep: gob.optional(gob.optional(gob.optional(Point))),
});

export const NamedParts = gob.struct("main.NamedParts", {
  C: Celsius,
  L: Level,
  F: Flags,
  S: Label,
  B: Blob,
  O: Octets,
  N: Names,
  M: Matrix,
  SC: gob.optional(Scores),
  LC: gob.slice(Celsius),
  MC: gob.optional(gob.map(Label, Celsius)),
});

export const Containers = gob.struct("main.Containers", {
  Ints: gob.slice(gob.int),
  Strings: gob.slice(gob.string),
  Points: gob.slice(Point),
  PPoints: gob.slice(gob.optional(Point)),
  Map: gob.optional(gob.map(gob.string, gob.int)),
  ByPoint: gob.optional(gob.entries(Point, gob.string)),
  Array: gob.array(gob.int, 3),
  Points2: gob.array(Point, 2),
  Nested: gob.slice(gob.slice(gob.int)),
  MapSl: gob.optional(gob.map(gob.string, gob.slice(Point))),
  SlMap: gob.slice(gob.map(gob.int, gob.string)),
  Bytes: gob.slice(gob.bytes),
  ByteArr: gob.array(gob.uint8, 4),
});

export const Embeds = gob.struct("main.Embeds", {
  Base: gob.struct("main.Base", { ID: gob.int }),
  Other: gob.optional(gob.struct("main.Other", { Note: gob.string })),
  Name: gob.string,
});

export const Anonymous = gob.struct("main.Anonymous", {
  Pos: gob.struct("", { X: gob.int, Y: gob.int }),
  List: gob.slice(gob.struct("", { K: gob.string, V: gob.string })),
  Ptr: gob.optional(gob.struct("", { Z: gob.bool })),
});

export const Tree = gob.struct("main.Tree", {
  Value: gob.int,
  get Left(): gob.AnySchema & { readonly optional: true } {
    return gob.optional(Tree);
  },
  get Right(): gob.AnySchema & { readonly optional: true } {
    return gob.optional(Tree);
  },
});
export const List = gob.struct("main.List", {
  Head: gob.int,
  get Tail(): gob.AnySchema & { readonly optional: true } {
    return gob.optional(List);
  },
});
export const Node = gob.struct("main.Node", {
  Name: gob.string,
  get Children(): gob.AnySchema {
    return gob.slice(Node);
  },
  get Index(): gob.AnySchema & { readonly optional: true } {
    return gob.optional(gob.map(gob.string, gob.optional(Node)));
  },
});
export const Ping = gob.struct("main.Ping", {
  N: gob.int,
  get P(): gob.AnySchema & { readonly optional: true } {
    return gob.optional(Pong);
  },
});
export const Pong = gob.struct("main.Pong", {
  S: gob.string,
  get P(): gob.AnySchema & { readonly optional: true } {
    return gob.optional(Ping);
  },
});
export const SelfSlice: gob.AnySchema = gob.named("main.SelfSlice", gob.slice(gob.lazy(() => SelfSlice)));
export const SelfMap: gob.AnySchema = gob.named(
  "main.SelfMap",
  gob.map(
    gob.string,
    gob.lazy(() => SelfMap),
  ),
);
export const Loop = gob.struct("main.Loop", {
  get All(): gob.AnySchema {
    return gob.slice(gob.optional(Loop));
  },
  Self: SelfSlice,
});

/** A generic type with its arguments spelled as Go spells them. */
export function pair<K extends gob.AnySchema, V extends gob.AnySchema>(key: K, value: V) {
  const name = `main.Pair[${key.type.registeredName},${value.type.registeredName}]`;
  return gob.struct(name, { Key: key, Val: value });
}

export const Skips = gob.struct("main.Skips", { A: gob.int, B: gob.string, C: gob.bool });
export const TextOnly = gob.struct("main.TextOnly", { T: gob.string });

const raw = { encode: (bytes: Uint8Array) => bytes, decode: (bytes: Uint8Array) => bytes };
const isZeroBytes = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

export const GobValue = gob.opaque({
  name: "main.GobValue",
  encoding: "gob",
  receiver: "value",
  underlying: gob.struct("main.GobValue", { N: gob.uint32 }),
  codec: { ...raw, zero: () => new Uint8Array(4), isZero: isZeroBytes },
});
export const GobPointer = gob.opaque({
  name: "main.GobPointer",
  encoding: "gob",
  receiver: "pointer",
  underlying: gob.struct("main.GobPointer", { S: gob.string }),
  codec: { ...raw, zero: () => new Uint8Array() },
});
export const BinValue = gob.opaque({
  name: "main.BinValue",
  encoding: "binary",
  receiver: "value",
  underlying: gob.array(gob.uint8, 3),
  codec: { ...raw, zero: () => new Uint8Array(3), isZero: isZeroBytes },
});
export const BinSlice = gob.opaque({
  name: "main.BinSlice",
  encoding: "binary",
  receiver: "value",
  underlying: gob.slice(Point),
  codec: { ...raw, zero: () => new Uint8Array(), isZero: (bytes) => bytes.length === 0 },
});
export const UUID = gob.opaque({
  name: "main.UUID",
  encoding: "binary",
  receiver: "value",
  underlying: gob.array(gob.uint8, 16),
  codec: gob.uuid.codec,
});
/** A struct that embeds time.Time has its method, and is as opaque. */
export const Stamped = gob.opaque({
  name: "main.Stamped",
  encoding: "gob",
  receiver: "value",
  underlying: gob.struct("main.Stamped", { Time: gob.time, Label: gob.string }),
  codec: gob.time.codec,
});

export const Opaques = gob.struct("main.Opaques", {
  GV: GobValue,
  PGV: gob.optional(GobValue),
  GP: gob.optional(GobPointer),
  BV: BinValue,
  PBV: gob.optional(BinValue),
  BS: BinSlice,
  TO: TextOnly,
});

export const Library = gob.struct("main.Library", {
  When: gob.time,
  PWhen: gob.optional(gob.time),
  Int: gob.optional(gob.bigInt),
  Float: gob.optional(gob.bigFloat),
  Rat: gob.optional(gob.bigRat),
  URL: gob.optional(gob.url),
  IP: gob.named("net.IP", gob.bytes),
  Addr: gob.netipAddr,
  ID: UUID,
  Every: gob.slice(gob.time),
  Named: gob.optional(gob.map(gob.string, gob.optional(gob.bigInt))),
});

/** The types that interfaces hold, under the names that the Go program registers. */
export const registry = new gob.Registry();
export const Any = gob.interface(registry);
const Shape = gob.named("main.Shape", gob.interface(registry));

export const Zeros = gob.struct("main.Zeros", {
  Array: gob.array(gob.int, 2),
  Struct: Point,
  Empty: gob.array(gob.int, 0),
  None: Empty,
  Map: gob.optional(gob.map(gob.string, gob.int)),
  Slice: gob.slice(gob.int),
  Iface: Any,
  Ptr: gob.optional(Point),
});

export const Circle = gob.struct("main.Circle", { R: gob.float64 });
export const Square = gob.struct("main.Square", { Side: gob.float64 });
export const Group = gob.struct("main.Group", { Shapes: gob.slice(Shape) });
export const Holder = gob.struct("main.Holder", { Name: gob.string, Any, Tail: gob.string });
export const Boxes = gob.struct("main.Boxes", {
  Shape,
  List: gob.slice(Any),
  Map: gob.optional(gob.map(gob.string, Any)),
  Two: gob.array(Any, 2),
  After: gob.int,
});
export const New1 = gob.struct("main.New1", { A: gob.int });
export const New2 = gob.struct("main.New2", { B: gob.string, C: Any });
export const New3 = gob.struct("main.New3", { L: gob.slice(New1) });
export const KeyAny = gob.named("main.KeyAny", gob.entries(Any, gob.string));

registry
  .register(Point)
  .register(Circle)
  .register(gob.optional(Square))
  .register(Group, "shapes")
  .register(New1)
  .register(New2, "n2")
  .register(gob.slice(New3))
  .register(gob.map(gob.string, Any))
  .register(gob.slice(Any))
  .register(Celsius)
  .register(Names)
  .register(gob.array(gob.int, 2))
  .register(GobValue)
  .register(gob.optional(GobPointer))
  .register(gob.time)
  .register(gob.optional(gob.bigInt))
  .register(Tree)
  .register(gob.struct("", { Q: gob.int }))
  .register(Holder)
  .register(pair(gob.string, gob.int))
  .register(One, "ünïcode ✓")
  .register(UUID)
  .register(gob.entries(Point, gob.string));
