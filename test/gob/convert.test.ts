import test from "ava";
import * as gob from "../../src/gob/index.ts";
import { readCorpus } from "./corpus.ts";
import { concat, fromHex, toHex } from "./hex.ts";

function bytesOf(name: string): Uint8Array {
  return fromHex(readCorpus().find((entry) => entry.name === name)!.hex);
}

test("convert: lines before the damage are given, then the error with its offset", async (t) => {
  const bytes = bytesOf("stream/ints");
  const lines: string[] = [];
  const error = await t.throwsAsync<gob.GobError>(async () => {
    for await (const line of gob.decodeToJsonLines([bytes.subarray(0, -1)])) lines.push(line);
  });
  t.deepEqual(lines, ['{"type":"int","value":1}', '{"type":"int","value":2}']);
  t.is(error?.code, "truncated");
  t.is(error?.offset, bytes.length - 1);
});

test("convert: transcoding the corpus gives the identical bytes", async (t) => {
  for (const { name, hex } of readCorpus()) {
    const parts: Uint8Array[] = [];
    for await (const part of gob.transcode([fromHex(hex)])) parts.push(part);
    t.is(toHex(concat(...parts)), hex, name);
  }
});

test("convert: Go declarations", async (t) => {
  t.is(
    gob.toGoDeclarations(await gob.collectTypes([bytesOf("recursive/tree")])),
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
      .toGoDeclarations(await gob.collectTypes([bytesOf("opaque/time UTC")]))
      .includes("GobEncode() ([]byte, error)"),
  );
});

test("convert: schemas to paste", async (t) => {
  t.is(
    gob.toSchemaSource(await gob.collectTypes([bytesOf("interface/two new types")])),
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
`,
  );
});

test("convert: the types of a damaged stream, up to the damage", async (t) => {
  const bytes = bytesOf("stream/two structs in turn");
  const types = await gob.collectTypes([bytes.subarray(0, -1)]);
  t.deepEqual(
    types.types.map((type) => type.text),
    ["Point", "One"],
  );
  t.true(types.error instanceof gob.GobError);
});
