import test from "ava";
import { type Flavour, PeerName } from "../../src/peer-name.ts";
import { NameTable } from "../../src/topology/name-table.ts";
import { seededRandom } from "../../src/transport/index.ts";

/** Names of one width, one after the other, and a table that reads from them. */
function tableOver(names: readonly Uint8Array[], flavour: Flavour, seed: string) {
  const width = flavour === "mac" ? 6 : 16;
  const table = new NameTable(flavour, seededRandom(seed));
  const bytes = new Uint8Array(names.length * width);
  for (const [i, name] of names.entries()) bytes.set(name, i * width);
  table.reset(bytes);
  return { table, offsets: names.map((_, i) => i * width) };
}

for (const flavour of ["mac", "hash"] as const) {
  const width = flavour === "mac" ? 6 : 16;

  test(`name table: each ${flavour} name has one number, in the order of first occurrence`, (t) => {
    const random = seededRandom(`name table ${flavour}`);
    const distinct = Array.from({ length: 1000 }, () => random.bytes(width));
    const drawn = Array.from({ length: 5000 }, () => distinct[random.int(distinct.length)]!);
    for (const seed of ["a", "b", "c"]) {
      const { table, offsets } = tableOver(drawn, flavour, seed);
      const expected = new Map<PeerName, number>();
      for (const [i, offset] of offsets.entries()) {
        const name = PeerName.fromBytes(drawn[i]!, flavour);
        if (!expected.has(name)) expected.set(name, expected.size);
        t.is(table.numberAt(offset), expected.get(name)!);
      }
      t.deepEqual(table.names, [...expected.keys()]);
    }
  });
}

test("name table: it can be used for one update after another", (t) => {
  const table = new NameTable("mac", seededRandom("reuse"));
  for (const size of [1000, 3, 200]) {
    const bytes = seededRandom(`names ${size}`).bytes(size * 6);
    table.reset(bytes);
    for (let i = 0; i < size; i++) t.is(table.numberAt(i * 6), i);
    t.is(table.numberAt(0), 0);
    t.is(table.names[0], PeerName.fromBytes(bytes.subarray(0, 6)));
  }
});
