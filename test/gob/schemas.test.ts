import test from "ava";
import * as gob from "../../src/gob/index.ts";
import { caseSchemas } from "./case-schemas.ts";
import { readCorpus } from "./corpus.ts";
import { concat, fromHex, toHex } from "./hex.ts";

/** JavaScript has one NaN, Go's. */
const lossy = /^scalar\/float64 NaN of other bits/;

test("schemas: at least 100 types of the corpus have one", (t) => {
  t.true(caseSchemas.size >= 380, String(caseSchemas.size));
});

for (const group of new Set(readCorpus().map(({ name }) => name.split("/")[0]!))) {
  const cases = readCorpus().filter(({ name }) => name.startsWith(`${group}/`) && caseSchemas.has(name));

  test(`schemas: ${group}: a fresh encoder sends what a fresh Go process sends`, (t) => {
    for (const { name, hex } of cases) {
      if (lossy.test(name)) continue;
      const decoder = new gob.Decoder();
      decoder.push(fromHex(hex));
      // As Go 1.26 does, which made the corpus: ids from 64, and none of the sender's.
      const encoder = new gob.Encoder({ types: new gob.TypeTable({ first: 64 }) });
      const parts = caseSchemas.get(name)!.map((schema) => {
        const result = decoder.read(schema);
        if (!result.done) throw new Error(`${name}: no value`);
        return encoder.encode(schema, result.value);
      });
      t.true(decoder.atEnd(), name);
      t.is(toHex(concat(...parts)), hex, name);
    }
  });

  test(`schemas: ${group}: chunks give the same values as the whole`, (t) => {
    for (const { name, hex } of cases) {
      const bytes = fromHex(hex);
      const decoder = new gob.Decoder();
      const types = new gob.TypeTable({ first: 64 });
      const encoder = new gob.Encoder({ types });
      const parts: Uint8Array[] = [];
      const schemas = caseSchemas.get(name)!;
      const step = bytes.length > 5000 ? 997 : 3;
      for (let at = 0; at < bytes.length; at += step) {
        decoder.push(bytes.slice(at, at + step));
        for (let schema = schemas[parts.length]; schema !== undefined; schema = schemas[parts.length]) {
          const result = decoder.read(schema);
          if (!result.done) break;
          parts.push(encoder.encode(schema, result.value));
        }
      }
      t.is(parts.length, schemas.length, name);
      if (!lossy.test(name)) t.is(toHex(concat(...parts)), hex, name);
    }
  });
}
