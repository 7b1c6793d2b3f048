import test from "ava";
import { seededRandom, systemRandom } from "../../src/transport/index.ts";

test("seeded random: the same seed gives the same draws, another one others", (t) => {
  const draws = (seed: number | string): number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 20 }, () => random.int(1_000_000));
  };
  t.deepEqual(draws(42), draws(42));
  t.deepEqual(draws(42), draws("42"));
  t.notDeepEqual(draws(42), draws(43));
  t.notDeepEqual(draws("a"), draws("b"));
});

test("seeded random: its sequence is fixed for good", (t) => {
  const random = seededRandom("weave");
  t.is(Buffer.from(random.bytes(11)).toString("hex"), "34967989d23bc2dc0d4bcd");
  t.deepEqual([random.int(10), random.int(1000), random.int(2 ** 53)], [5, 656, 8829294579631769]);
});

for (const [name, random] of Object.entries({ system: systemRandom, seeded: seededRandom("uniform") })) {
  test(`${name} random: bytes have the length asked for and a buffer of their own`, (t) => {
    for (const length of [0, 1, 7, 32, 70_000]) {
      const bytes = random.bytes(length);
      t.is(bytes.length, length);
      t.is(bytes.buffer.byteLength, length);
      t.is(Object.getPrototypeOf(bytes), Uint8Array.prototype);
    }
    t.notDeepEqual(random.bytes(32), random.bytes(32));
  });

  test(`${name} random: every number below the bound is drawn equally often`, (t) => {
    // Chi-squared with 9 degrees of freedom: above 40 once in 100,000 runs.
    for (const below of [10, 3 * 2 ** 30, 2 ** 32, 5 * 2 ** 40, 2 ** 53]) {
      const counts = new Array<number>(10).fill(0);
      let outside = 0;
      for (let i = 0; i < 20_000; i++) {
        const drawn = random.int(below);
        if (!(Number.isInteger(drawn) && drawn >= 0 && drawn < below)) outside++;
        counts[Math.floor((drawn / below) * 10)]!++;
      }
      t.is(outside, 0);
      const chiSquared = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
      t.true(chiSquared < 40, `${below}: ${counts}`);
    }
  });

  test(`${name} random: the lowest bits are as good as the highest`, (t) => {
    let ones = 0;
    for (let i = 0; i < 20_000; i++) ones += random.int(2 ** 53) % 2;
    t.true(Math.abs(ones - 10_000) < 500);
  });

  test(`${name} random: a bound that no number can be below is refused`, (t) => {
    t.is(random.int(1), 0);
    for (const bad of [0, -1, 1.5, Number.NaN, 2 ** 53 + 2, Number.POSITIVE_INFINITY]) {
      t.throws(() => random.int(bad), { instanceOf: RangeError });
    }
  });
}
