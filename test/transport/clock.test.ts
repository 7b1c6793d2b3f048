import test from "ava";
import { systemClock, VirtualClock } from "../../src/transport/index.ts";

test("virtual clock: starts where it is told and moves only by advancing", async (t) => {
  const clock = new VirtualClock(5000);
  t.is(clock.now(), 5000);
  await clock.advance(250);
  t.is(clock.now(), 5250);
  t.is(new VirtualClock().now(), 0);
});

test("virtual clock: timers run in the order of their times, equal ones in the order of setting", async (t) => {
  const clock = new VirtualClock();
  const calls: string[] = [];
  const note = (name: string) => () => calls.push(`${name}@${clock.now()}`);
  clock.setTimeout(note("c"), 30);
  clock.setTimeout(note("a"), 10);
  clock.setTimeout(note("b1"), 20);
  clock.setTimeout(note("b2"), 20);
  clock.setTimeout(note("now"), 0);
  clock.setTimeout(note("past"), -5);
  clock.setTimeout(note("never"), Number.POSITIVE_INFINITY);
  t.is(clock.pendingTimers, 6);
  await clock.advance(29);
  t.deepEqual(calls, ["now@0", "past@0", "a@10", "b1@20", "b2@20"]);
  await clock.advance(1);
  t.is(calls.at(-1), "c@30");
  t.is(clock.pendingTimers, 0);
});

test("virtual clock: a thousand timers set in any order come in the right one", async (t) => {
  const clock = new VirtualClock();
  const times: number[] = [];
  for (let i = 0; i < 1000; i++) clock.setTimeout(() => times.push(clock.now()), (i * 7919) % 1009);
  await clock.advance(1009);
  t.is(times.length, 1000);
  t.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
});

test("virtual clock: promises settle between two timers, however long their chains", async (t) => {
  const clock = new VirtualClock();
  const calls: string[] = [];
  clock.setTimeout(async () => {
    for (let i = 0; i < 500; i++) await null;
    calls.push("end of the chain");
    clock.setTimeout(() => calls.push("set by the chain"), 0);
  }, 10);
  clock.setTimeout(() => calls.push("next timer"), 10);
  clock.setTimeout(() => calls.push("later timer"), 11);
  await clock.advance(20);
  t.deepEqual(calls, ["end of the chain", "next timer", "set by the chain", "later timer"]);
});

test("virtual clock: timers that set timers all run within one advance", async (t) => {
  const clock = new VirtualClock();
  let beats = 0;
  const beat = (): void => {
    beats++;
    clock.setTimeout(beat, 30_000);
  };
  clock.setTimeout(beat, 30_000);
  await clock.advance(3_600_000);
  t.is(beats, 120);
});

test("virtual clock: a cancelled timer is not called, and cancelling twice or late does nothing", async (t) => {
  const clock = new VirtualClock();
  const timer = clock.setTimeout(() => t.fail(), 10);
  const called = clock.setTimeout(() => t.pass(), 10);
  timer.cancel();
  timer.cancel();
  t.is(clock.pendingTimers, 1);
  await clock.advance(10);
  called.cancel();
  t.is(clock.pendingTimers, 0);
});

test("virtual clock: cancelled timers do not pile up", async (t) => {
  const clock = new VirtualClock();
  let calls = 0;
  for (let i = 0; i < 20_000; i++) {
    const timer = clock.setTimeout(() => calls++, 60_000 - i);
    if (i % 10 !== 0) timer.cancel();
  }
  t.is(clock.pendingTimers, 2000);
  t.true((clock as unknown as { heap: unknown[] }).heap.length < 5000);
  await clock.advance(60_000);
  t.is(calls, 2000);
});

test("virtual clock: runUntil stops at the timer that brings the condition about", async (t) => {
  const clock = new VirtualClock();
  let done = false;
  clock.setTimeout(async () => {
    await null;
    done = true;
  }, 700);
  t.false(await clock.runUntil(() => done, 500));
  t.is(clock.now(), 500);
  t.true(await clock.runUntil(() => done, 500));
  t.is(clock.now(), 700);
});

test("virtual clock: an error in a timer is thrown to the one who advances, and the clock goes on", async (t) => {
  const clock = new VirtualClock();
  clock.setTimeout(() => {
    throw new Error("broken timer");
  }, 10);
  await t.throwsAsync(clock.advance(20), { message: "broken timer" });
  t.is(clock.now(), 10);
  await clock.advance(10);
  t.is(clock.now(), 20);
});

test("virtual clock: cannot be moved from two places at once", async (t) => {
  const clock = new VirtualClock();
  const first = clock.advance(10);
  await t.throwsAsync(clock.advance(10), { message: /being moved already/ });
  await first;
});

test("system clock: tells the time of day and never goes back", (t) => {
  t.true(Math.abs(systemClock.now() - Date.now()) < 2000);
  const before = systemClock.now();
  t.true(systemClock.now() >= before);
});

test("system clock: zero waits for the next turn, and a cancelled timer never comes", async (t) => {
  const calls: string[] = [];
  systemClock.setTimeout(() => t.fail(), 0).cancel();
  systemClock.setTimeout(() => t.fail(), 1).cancel();
  await new Promise<void>((resolve) => {
    systemClock.setTimeout(() => calls.push("zero"), 0);
    systemClock.setTimeout(resolve, 5);
    calls.push("set");
  });
  t.deepEqual(calls, ["set", "zero"]);
});

test("system clock: a wait beyond Node's limit does not come at once", async (t) => {
  const timers = [2 ** 31, 1e12, Number.POSITIVE_INFINITY].map((ms) =>
    systemClock.setTimeout(() => t.fail(), ms),
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const timer of timers) timer.cancel();
  t.pass();
});
