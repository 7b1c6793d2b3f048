/**
 * Fuzzes gob with streams that are the corpus, damaged:
 *
 *     tsx test/gob/fuzz.ts [--seconds N] [--seed S] [--target decode|roundtrip|chunked|schemas]
 *
 * N seconds (default 600) for each target. What is found is printed as hex with the target's name, to be kept
 * in fixtures/gob/found.json; exit status 1. The seed is printed; the same seed tries the same streams.
 *
 *     decode     a stream gives values or a GobError with an offset, within a second
 *     roundtrip  what was decoded encodes, and decodes to the same again
 *     chunked    chunks of any size give the same values and the same error as the whole
 *     schemas    decoding by the schemas of the corpus gives values or a GobError, whole and chunked alike
 */
import { parseArgs } from "node:util";
import { caseSchemas } from "./case-schemas.ts";
import { readCorpus } from "./corpus.ts";
import { checkInput, type FuzzTarget, fuzzTargets } from "./fuzz-targets.ts";
import { fromHex, toHex } from "./hex.ts";
import { Mutator } from "./mutator.ts";

const { values: options } = parseArgs({
  options: { seconds: { type: "string" }, seed: { type: "string" }, target: { type: "string" } },
});
const seconds = Number(options.seconds ?? "600");
const seed = Number(options.seed ?? Date.now() % 1_000_000_000);
const corpus = readCorpus().map(({ name, hex }) => ({
  bytes: fromHex(hex),
  schemas: caseSchemas.get(name) ?? [],
}));
const small = corpus.filter(({ bytes }) => bytes.length < 3000);
let found = 0;

console.log(`seed ${seed}, ${seconds} s a target`);
const targets = options.target === undefined ? fuzzTargets : [options.target as FuzzTarget];
for (const target of targets) {
  const mutator = new Mutator(
    seed,
    small.map(({ bytes }) => bytes),
  );
  let count = 0;
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end && found < 20) {
    const { bytes, origin } = mutator.next();
    const start = performance.now();
    const problem = checkInput(target, bytes, small[origin]!.schemas);
    const took = performance.now() - start;
    count++;
    if (problem === undefined && took < 1000) continue;
    found++;
    console.log(`${target}: ${problem ?? `took ${took.toFixed(0)} ms`}\n  ${toHex(bytes)}`);
  }
  console.log(`${target}: ${count} streams`);
}
console.log(found === 0 ? "nothing found" : `${found} found`);
process.exitCode = found === 0 ? 0 : 1;
