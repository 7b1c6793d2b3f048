/**
 * Measures one input of a fuzz target, for the cost oracle:
 *
 *     tsx test/fuzz/measure.ts TARGET ORIGIN < HEX
 *
 * Prints its cost as JSON, after the target's good inputs have been tried several times.
 */
import { readFileSync } from "node:fs";
import { costOf } from "./cost-oracle.ts";
import { targets } from "./targets.ts";

const [name, origin] = process.argv.slice(2);
const target = targets.find((candidate) => candidate.name === name)!;
const bytes = new Uint8Array(Buffer.from(readFileSync(0, "utf8").trim(), "hex"));
for (let round = 0; round < 20; round++) {
  for (const [index, seed] of target.seeds.entries()) target.check({ bytes: seed, origin: index });
}
const input = { bytes, origin: Number(origin) };
console.log(JSON.stringify(costOf(() => void target.check(input))));
