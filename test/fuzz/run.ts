/**
 * Fuzzes everything that takes bytes from outside, with good inputs that are damaged:
 *
 *     npm run fuzz -- [--target NAME] [--seconds N] [--seed S]
 *
 * N seconds (default 600) for each target. The seed is printed; the same seed tries the same inputs. What is
 * found is printed as JSON, to be kept in fixtures/gob/found.json or fixtures/wire/found.json; exit status 1.
 *
 *     decode      a gob stream gives values or a GobError with an offset
 *     roundtrip   what was decoded encodes, and decodes to the same again
 *     chunked     chunks of any size give the same values and the same error as the whole
 *     schemas     decoding by the schemas of the corpus gives values or a GobError, whole and chunked alike
 *     convert     lines of JSON and sources of all types of a stream
 *     opening-v1  the accepting side of a handshake of version 1, plain and sealed, and the messages after it
 *     opening-v2  the same of version 2
 *     features    features described and parsed
 *     frames      messages of both versions, plain and sealed
 *     envelope    the envelope of a gossip message
 *     topology-mac, topology-hash   topology updates, applied to a mesh
 *
 * Each input must end in a value or a typed error, and must not cost too much: one that takes over 20 ms of
 * processor time and 50 times the median for each byte, or over 128 MiB, three times in a process of its own, is
 * a finding.
 */
import { parseArgs } from "node:util";
import { CostOracle, costOf } from "./cost-oracle.ts";
import { type FuzzTarget, targets } from "./targets.ts";

const { values: options } = parseArgs({
  options: { seconds: { type: "string" }, seed: { type: "string" }, target: { type: "string" } },
});
const seconds = Number(options.seconds ?? "600");
const seed = Number(options.seed ?? Date.now() % 1_000_000_000);
/** More than this are not looked for. */
const enough = 20;

const chosen = targets.filter(({ name }) => options.target === undefined || name === options.target);
if (chosen.length === 0) {
  console.error(`--target must be one of ${targets.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
console.log(`seed ${seed}, ${seconds} s a target`);
let found = 0;
for (const target of chosen) found += fuzz(target);
console.log(found === 0 ? "nothing found" : `${found} found`);
process.exitCode = found === 0 ? 0 : 1;

function fuzz(target: FuzzTarget): number {
  const mutator = target.mutator(seed);
  const oracle = new CostOracle(target);
  const end = performance.now() + seconds * 1000;
  let count = 0;
  let findings = 0;
  while (performance.now() < end && findings < enough) {
    const input = mutator.next();
    let wrong: string | undefined;
    const cost = costOf(() => {
      wrong = target.check(input);
    });
    count++;
    const was = wrong ?? oracle.judge(input, cost);
    if (was === undefined) continue;
    findings++;
    const { bytes, origin } = input;
    console.log(
      JSON.stringify({ target: target.name, was, origin, hex: Buffer.from(bytes).toString("hex") }),
    );
  }
  console.log(`${target.name}: ${count} inputs, median ${(oracle.median * 1e6).toFixed(0)} ns a byte`);
  return findings;
}
