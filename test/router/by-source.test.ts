import test from "ava";
import { BySource } from "../../src/router/by-source.ts";
import { sourceOf } from "../../src/router/source-address.ts";
import { seededRandom } from "../../src/testing.ts";

test("source: an IPv4 address counts by itself, an IPv6 address by its /64 network", (t) => {
  t.is(sourceOf("10.0.0.7"), "10.0.0.7");
  t.is(sourceOf("2001:db8:1:2:3:4:5:6"), sourceOf("2001:db8:1:2::9"));
  t.not(sourceOf("2001:db8:1:2::9"), sourceOf("2001:db8:1:3::9"));
  t.is(sourceOf("2001:db8::1"), sourceOf("2001:db8:0:0:ffff::1"));
  t.is(sourceOf("::1"), sourceOf("::2"));
  t.is(sourceOf("fe80::1%eth0"), sourceOf("fe80::2%eth0"));
  t.not(sourceOf("fd00::1"), sourceOf("fd00:0:0:1::1"));
});

test("by source: sources take turns, in order within each", (t) => {
  const items = new BySource<string>();
  for (const item of ["a1", "a2", "a3", "b1", "b2", "c1"]) items.add(item[0]!, item);
  const taken: (string | undefined)[] = [];
  for (let i = 0; i < 7; i++) taken.push(items.takeTurn());
  t.deepEqual(taken, ["a1", "b1", "c1", "a2", "b2", "a3", undefined]);
});

test("by source: a newcomer's turn comes after one of each other source", (t) => {
  const items = new BySource<string>();
  for (let i = 0; i < 1000; i++) items.add("flood", `flood ${i}`);
  t.is(items.takeTurn(), "flood 0");
  items.add("newcomer", "newcomer");
  t.is(items.takeTurn(), "flood 1");
  t.is(items.takeTurn(), "newcomer");
  t.is(items.takeTurn(), "flood 2");
});

test("by source: the newest item of the source with most items is found, as a search finds it", (t) => {
  const random = seededRandom(t.title);
  const items = new BySource<{ source: string; number: number }>();
  const entries: { source: string; number: number; entry: ReturnType<typeof items.add> }[] = [];
  for (let number = 0; number < 3000; number++) {
    if (entries.length > 0 && random.int(5) < 2) {
      const [gone] = entries.splice(random.int(entries.length), 1);
      items.remove(gone!.entry);
      items.remove(gone!.entry);
    } else {
      const source = `s${random.int(12)}`;
      const entry = items.add(source, { source, number });
      items.weigh(entry, random.int(100));
      entries.push({ source, number, entry });
    }
    t.is(items.size, entries.length);
    t.is(
      items.weight,
      entries.reduce((sum, { entry }) => sum + entry.weight, 0),
    );
    const largest = items.newestOfLargest();
    if (largest === undefined) {
      t.is(entries.length, 0);
      continue;
    }
    const count = (source: string): number => entries.filter((each) => each.source === source).length;
    const weight = (source: string): number =>
      entries.filter((each) => each.source === source).reduce((sum, { entry }) => sum + entry.weight, 0);
    const newest = (source: string): number => entries.findLast((each) => each.source === source)!.number;
    const sources = [...new Set(entries.map(({ source }) => source))];
    t.is(count(largest.item.source), Math.max(...sources.map(count)));
    t.is(largest.item.number, newest(largest.item.source));
    const heaviest = items.newestOfHeaviest()!.item;
    t.is(weight(heaviest.source), Math.max(...sources.map(weight)));
    t.is(heaviest.number, newest(heaviest.source));
  }
});

test("by source: where all have the same number, the new one gives way", (t) => {
  const items = new BySource<string>();
  for (const source of ["a", "b", "c"]) items.add(source, source);
  t.is(items.newestOfLargest()?.item, "c");
});
