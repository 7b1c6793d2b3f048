import test from "ava";
import * as gob from "../../src/gob/index.ts";
import { checkCase, readCorpus, readManifest, readRandomCases } from "./corpus.ts";
import { fromHex } from "./hex.ts";

const corpus = readCorpus();

test("corpus: it has the cases that its manifest counts, at least 300", (t) => {
  t.is(corpus.length, readManifest().cases);
  t.true(corpus.length >= 300);
});

test("corpus: random types and values decode to what Go had, and encode to the identical bytes", (t) => {
  const problems = readRandomCases().map(checkCase);
  t.is(problems.length, 200);
  t.deepEqual(
    problems.filter((problem) => problem !== undefined),
    [],
  );
});

for (const group of Object.keys(readManifest().groups)) {
  const cases = corpus.filter(({ name }) => name.startsWith(`${group}/`));

  test(`corpus: ${group}: decodes to what Go had, and encodes to the identical bytes`, (t) => {
    t.deepEqual(
      cases.map(checkCase).filter((problem) => problem !== undefined),
      [],
    );
  });

  test(`corpus: ${group}: every prefix is a clean end, truncated or the values`, (t) => {
    for (const { name, hex, lines } of cases) {
      const bytes = fromHex(hex);
      for (let length = 0; length < bytes.length; length++) {
        const problem = checkPrefix(bytes.subarray(0, length), lines.length);
        if (problem !== undefined) t.fail(`${name}, ${length} bytes: ${problem}`);
      }
    }
    t.pass();
  });

  test(`corpus: ${group}: byte by byte gives the same as the whole`, (t) => {
    for (const { name, hex } of cases) {
      const bytes = fromHex(hex);
      const whole = gob.decodeStream(bytes).map(gob.toJsonLine);
      const decoder = new gob.Decoder();
      const lines: string[] = [];
      for (let at = 0; at < bytes.length; at++) {
        decoder.push(bytes.slice(at, at + 1));
        for (let result = decoder.readAny(); result.done; result = decoder.readAny()) {
          lines.push(gob.toJsonLine(result.value));
        }
      }
      t.true(decoder.atEnd(), name);
      t.deepEqual(lines, whole, name);
    }
  });
}

function checkPrefix(prefix: Uint8Array, most: number): string | undefined {
  const decoder = new gob.Decoder();
  decoder.push(prefix);
  decoder.end();
  let count = 0;
  try {
    while (decoder.readAny().done) count++;
  } catch (error) {
    return error instanceof gob.GobError && error.code === "truncated" ? undefined : String(error);
  }
  return count <= most && decoder.atEnd() ? undefined : `${count} values`;
}
