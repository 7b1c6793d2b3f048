import test from "ava";
import * as gob from "../../src/gob/index.ts";

// The compiler checks this file: each line below fails to compile if a schema infers another type.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Equal<A, B>): void {}

const Point = gob.struct("main.Point", { X: gob.int, Y: gob.int64, Note: gob.optional(gob.string) });
const Shapes = gob.interface({ "main.Point": Point, int: gob.int });
const Tree = gob.struct("main.Tree", {
  Value: gob.int,
  get Left(): gob.Schema<unknown> & { readonly optional: true } {
    return gob.optional(Tree) as gob.Schema<unknown> & { readonly optional: true };
  },
});
interface Chain {
  Value: number;
  Next?: Chain | undefined;
}
const Chain: gob.Schema<Chain> = gob.struct("main.Chain", {
  Value: gob.int,
  Next: gob.optional(gob.lazy(() => Chain)),
}) as gob.Schema<Chain>;

test("infer: every kind of schema gives its type", (t) => {
  same<gob.Infer<typeof gob.bool>, boolean>(true);
  same<gob.Infer<typeof gob.int>, number>(true);
  same<gob.Infer<typeof gob.int8>, number>(true);
  same<gob.Infer<typeof gob.int16>, number>(true);
  same<gob.Infer<typeof gob.int32>, number>(true);
  same<gob.Infer<typeof gob.int64>, bigint>(true);
  same<gob.Infer<typeof gob.uint>, number>(true);
  same<gob.Infer<typeof gob.uint8>, number>(true);
  same<gob.Infer<typeof gob.uint16>, number>(true);
  same<gob.Infer<typeof gob.uint32>, number>(true);
  same<gob.Infer<typeof gob.uint64>, bigint>(true);
  same<gob.Infer<typeof gob.uintptr>, bigint>(true);
  same<gob.Infer<typeof gob.float32>, number>(true);
  same<gob.Infer<typeof gob.float64>, number>(true);
  same<gob.Infer<typeof gob.complex64>, gob.Complex>(true);
  same<gob.Infer<typeof gob.complex128>, gob.Complex>(true);
  same<gob.Infer<typeof gob.string>, string>(true);
  same<gob.Infer<typeof gob.bytes>, Uint8Array>(true);
  same<gob.Infer<typeof gob.time>, gob.Time>(true);
  same<gob.Infer<typeof gob.bigInt>, bigint>(true);
  same<gob.Infer<typeof gob.bigRat>, gob.BigRat>(true);
  same<gob.Infer<typeof gob.bigFloat>, gob.BigFloat>(true);
  same<gob.Infer<typeof gob.url>, string>(true);
  same<gob.Infer<typeof gob.netipAddr>, string>(true);
  same<gob.Infer<typeof gob.uuid>, string>(true);
  const number = gob.number(gob.int64);
  same<gob.Infer<typeof number>, number>(true);
  const bigint = gob.bigint(gob.int);
  same<gob.Infer<typeof bigint>, bigint>(true);
  const slice = gob.slice(gob.slice(gob.string));
  same<gob.Infer<typeof slice>, string[][]>(true);
  const array = gob.array(gob.bool, 3);
  same<gob.Infer<typeof array>, boolean[]>(true);
  const map = gob.map(gob.string, gob.int64);
  same<gob.Infer<typeof map>, Map<string, bigint>>(true);
  const entries = gob.entries(Point, gob.int);
  same<gob.Infer<typeof entries>, [gob.Infer<typeof Point>, number][]>(true);
  same<gob.Infer<typeof Point>, { X: number; Y: bigint; Note?: string | undefined }>(true);
  const nested = gob.struct("main.Nested", { P: Point, L: gob.slice(Point), O: gob.optional(Point) });
  type Inner = gob.Infer<typeof Point>;
  same<gob.Infer<typeof nested>, { P: Inner; L: Inner[]; O?: Inner | undefined }>(true);
  const named = gob.named("main.Celsius", gob.float64);
  same<gob.Infer<typeof named>, number>(true);
  const any = gob.interface();
  same<gob.Infer<typeof any>, gob.InterfaceValue | null>(true);
  same<
    gob.Infer<typeof Shapes>,
    | { readonly name: "main.Point"; readonly value: Inner }
    | { readonly name: "int"; readonly value: number }
    | null
  >(true);
  const text = gob.opaque({
    name: "main.Version",
    encoding: "text",
    receiver: "value",
    codec: { encode: gob.encodeUtf8, decode: gob.decodeUtf8, zero: () => "" },
  });
  same<gob.Infer<typeof text>, string>(true);
  same<gob.Infer<typeof Tree>["Value"], number>(true);
  same<gob.Infer<typeof Chain>, Chain>(true);
  t.pass();
});

test("infer: values that do not fit are errors to the compiler", (t) => {
  // @ts-expect-error a field is missing
  t.throws(() => gob.encode(Point, { X: 1 }));
  // @ts-expect-error Y is a bigint
  t.throws(() => gob.encode(Point, { X: 1, Y: 2 }));
  // @ts-expect-error not among the cases
  t.throws(() => gob.encode(gob.slice(Shapes), [{ name: "string", value: "" }]));
  t.notThrows(() => gob.encode(Point, { X: 1, Y: 2n }));
  t.notThrows(() => new gob.Encoder().encodeAll([gob.int, gob.string], [1, "a"]));
  // @ts-expect-error the second is a string
  t.throws(() => new gob.Encoder().encodeAll([gob.int, gob.string], [1, 2]));
});
