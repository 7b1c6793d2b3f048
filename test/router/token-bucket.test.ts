import test from "ava";
import { TokenBucket } from "../../src/router/token-bucket.ts";

test("token bucket: gives its capacity at once, then one token each interval", (t) => {
  const bucket = new TokenBucket(20, 50, 1_000_000);
  let now = 1_000_000;
  const waits: number[] = [];
  for (let i = 0; i < 25; i++) {
    const wait = bucket.spend(now);
    waits.push(wait);
    now += wait;
  }
  t.is(waits.filter((wait) => wait === 0).length, 21);
  t.deepEqual(waits.slice(21), [50, 50, 50, 50]);
});

test("token bucket: never holds more than its capacity, however long it is left alone", (t) => {
  const bucket = new TokenBucket(20, 50, 0);
  let free = 0;
  for (; bucket.spend(3_600_000) === 0; free++);
  t.is(free, 21);
});
