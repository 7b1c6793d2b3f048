import test from "ava";
import * as gob from "../../src/gob/index.ts";
import { readCorpus } from "./corpus.ts";
import { fromHex, toHex } from "./hex.ts";

function bytesOf(name: string): Uint8Array {
  return fromHex(readCorpus().find((entry) => entry.name === name)!.hex);
}

test("convert: lines before the damage are given, then the error with its offset", (t) => {
  const bytes = bytesOf("stream/ints");
  const lines: string[] = [];
  const error = t.throws<gob.GobError>(() => {
    for (const line of gob.decodeToJsonLines([bytes.subarray(0, -1)])) lines.push(line);
  });
  t.deepEqual(lines, ['{"type":"int","value":1}', '{"type":"int","value":2}']);
  t.is(error?.code, "truncated");
  t.is(error?.offset, bytes.length - 1);
});

test("convert: transcoding the corpus gives the identical bytes", (t) => {
  for (const { name, hex } of readCorpus()) {
    t.is(toHex(new Uint8Array(Buffer.concat([...gob.transcode([fromHex(hex)])]))), hex, name);
  }
});

test("convert: Go declarations", (t) => {
  t.is(
    gob.toGoDeclarations(gob.collectTypes([bytesOf("recursive/tree")])),
    `// Top-level values: Tree

type Tree struct {
	Value int64
	Left  *Tree
	Right *Tree
}
`,
  );
  t.true(
    gob
      .toGoDeclarations(gob.collectTypes([bytesOf("opaque/time UTC")]))
      .includes("GobEncode() ([]byte, error)"),
  );
});

test("convert: schemas to paste", (t) => {
  t.is(
    gob.toSchemaSource(gob.collectTypes([bytesOf("interface/two new types")])),
    `import * as gob from "weave-mesh/gob";

export const registry = new gob.Registry();

export const Holder = gob.struct("Holder", {
  Name: gob.string,
  Any: gob.interface(registry),
  Tail: gob.string,
});
export type Holder = gob.Infer<typeof Holder>;

export const New2 = gob.struct("New2", {
  B: gob.string,
  C: gob.interface(registry),
});
export type New2 = gob.Infer<typeof New2>;

export const New1 = gob.struct("New1", {
  A: gob.int64,
});
export type New1 = gob.Infer<typeof New1>;

registry.register(New2, "n2");
registry.register(New1, "main.New1");
`.replace(
      /registry\.register\(New2.*\nregistry\.register\(New1.*\n/,
      'registry.register(New2, "n2");\nregistry.register(New1, "main.New1");\n',
    ),
  );
});

test("convert: the types of a damaged stream, up to the damage", (t) => {
  const bytes = bytesOf("stream/two structs in turn");
  const types = gob.collectTypes([bytes.subarray(0, -1)]);
  t.deepEqual(
    types.types.map((type) => type.text),
    ["Point", "One"],
  );
  t.true(types.error instanceof gob.GobError);
});
