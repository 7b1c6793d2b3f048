import test from "ava";
import { Adjacency } from "../../src/topology/adjacency.ts";

function put(rows: Adjacency, rank: number, links: readonly number[]): void {
  const start = rows.add(rank, links.length);
  rows.links.set(links, start);
}

const rowOf = (rows: Adjacency, rank: number): number[] => [
  ...rows.links.subarray(rows.starts[rank]!, rows.starts[rank]! + rows.lengths[rank]!),
];

test("adjacency: rows stay what they are while others come, are forgotten and are made anew", (t) => {
  const rows = new Adjacency();
  rows.reset(50);
  const expected = new Map<number, number[]>();
  for (let step = 0; step < 2000; step++) {
    const rank = (step * 17) % 50;
    rows.forget(rank);
    t.is(rows.starts[rank], -1);
    const links = Array.from({ length: (step * 31) % 23 }, (_, i) => step + i);
    put(rows, rank, links);
    expected.set(rank, links);
  }
  for (const [rank, links] of expected) t.deepEqual(rowOf(rows, rank), links);
});

test("adjacency: what is forgotten takes no room for long", (t) => {
  const rows = new Adjacency();
  rows.reset(10);
  for (let step = 0; step < 10_000; step++) {
    rows.forget(step % 10);
    put(rows, step % 10, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  }
  t.true(rows.links.length <= 200, `${rows.links.length} for 100 links`);
});
