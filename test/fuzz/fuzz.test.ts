import test from "ava";
import { type Cost, CostOracle, sampleSize } from "./cost-oracle.ts";
import { targets } from "./targets.ts";

const input = { bytes: new Uint8Array(1000), origin: 0 };
const usual: Cost = { ms: 0.1, mebibytes: 0 };

/** An oracle that has seen enough inputs, and measures the given costs when it measures again. */
function oracleAfter(again: Cost[]): CostOracle {
  const oracle = new CostOracle(targets[0]!, () => again.shift()!);
  for (let i = 0; i < sampleSize; i++) oracle.judge(input, usual);
  return oracle;
}

test("fuzz: an input is a finding when it costs too much each time", (t) => {
  const slow: Cost = { ms: 25, mebibytes: 0 };
  t.regex(String(oracleAfter([slow, slow, slow]).judge(input, slow)), /^1000 bytes take 25 ms/);
  t.is(oracleAfter([slow, usual, slow]).judge(input, slow), undefined);
  const large: Cost = { ms: 1, mebibytes: 200 };
  t.regex(String(oracleAfter([large, large, large]).judge(input, large)), /200 MiB/);
});

test("fuzz: neither time alone nor the multiple of the median alone is a finding", (t) => {
  const forItsLength = { bytes: new Uint8Array(100_000), origin: 0 };
  t.is(oracleAfter([]).judge(forItsLength, { ms: 400, mebibytes: 0 }), undefined);
  t.is(oracleAfter([]).judge(input, { ms: 19, mebibytes: 0 }), undefined);
});

for (const { name, seeds, check, mutator } of targets) {
  test(`fuzz: ${name}: good inputs and the first damaged ones`, (t) => {
    for (const [origin, bytes] of seeds.entries()) t.is(check({ bytes, origin }), undefined);
    const inputs = mutator(11);
    for (let i = 0; i < 20; i++) t.is(check(inputs.next()), undefined);
  });
}
