import test from "ava";
import { assertGrowth, growthProblem } from "./growth.ts";
import { binarySearches, concatenations, pairs, searches, sum } from "./samples.ts";
import { countWorks } from "./work-counter.ts";

/** The measured code: the samples alone. */
const folder = new URL("samples.ts", import.meta.url).href;

function numbers(size: number): number[] {
  return Array.from({ length: size }, (_, index) => index);
}

test.serial("cost: linear work passes", async (t) => {
  await assertGrowth(t, { name: "sum", prepare: numbers, run: sum, folder });
});

test.serial("cost: n log n passes", async (t) => {
  await assertGrowth(t, { name: "binary searches", prepare: numbers, run: binarySearches, folder });
});

test.serial("cost: quadratic work fails and the place is named", async (t) => {
  const sizes = [500, 2000] as const;
  const problem = await growthProblem({ name: "pairs", prepare: numbers, run: pairs, folder, sizes });
  t.regex(String(problem), /factor 1[56]\.\d+, limit 5; most in\n {2}\d+ pairs test\/cost\//);
});

for (const run of [searches, concatenations]) {
  test.serial(`cost: quadratic work in native operations fails (${run.name})`, async (t) => {
    const sizes = [2500, 10_000] as const;
    const problem = await growthProblem({ name: run.name, prepare: numbers, run, folder, sizes });
    t.regex(String(problem), /most in\n {2}\d+ native operations/);
  });
}

test.serial("cost: a run that does nothing fails", async (t) => {
  const run = () => undefined;
  t.regex(String(await growthProblem({ name: "nothing", prepare: numbers, run, folder })), /too few/);
});

test.serial("cost: the counts are the same each time", async (t) => {
  const input = numbers(1000);
  const works = await countWorks(
    new Array(3).fill(() => sum(input)),
    folder,
  );
  t.is(new Set(works.map(({ steps }) => steps)).size, 1);
});
