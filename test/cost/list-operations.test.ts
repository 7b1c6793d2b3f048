import test from "ava";
import { boundedLists } from "./bounded-lists.ts";
import { listOperations, operationsIn } from "./list-operations.ts";

const found = listOperations().map(({ file, expression }) => `${file}: ${expression}`);
const allowed = new Set(boundedLists.map(([file, expression]) => `${file}: ${expression}`));

test("list operations: a use is found whatever its form", (t) => {
  const text = `
    const a: number = this.list!.indexOf(x as never); // list.includes(x)
    waiting.get(meaning)?.shift(); items
      .filter((item) => item.kind)
      .find?.((item) => item);
    const text = "find"; find(x); map.findings(); !all.splice(0); all.splice(0, 1); [1, 2].includes(x);`;
  t.deepEqual(
    operationsIn("a.ts", text).map(({ expression }) => expression),
    [
      "this.list.indexOf",
      "waiting.get(meaning).shift",
      "items.filter((item) => item.kind).find",
      "all.splice",
      "[1, 2].includes",
    ],
  );
});

test("list operations: each list that is searched or shifted is known to be bounded", (t) => {
  const unknown = [...new Set(found)].filter((use) => !allowed.has(use));
  t.deepEqual(unknown, [], "use a Map, Set or ByteQueue, or add a line to test/cost/bounded-lists.ts");
});

test("list operations: each exception is still in use", (t) => {
  const uses = new Set(found);
  t.deepEqual(
    [...allowed].filter((use) => !uses.has(use)),
    [],
    "remove the line from test/cost/bounded-lists.ts",
  );
});
