import test from "ava";
import { Deadline } from "../../src/router/deadline.ts";
import { VirtualClock } from "../../src/transport/index.ts";

function setting() {
  const clock = new VirtualClock();
  const startMs = clock.now();
  const passed: number[] = [];
  return { clock, passed, deadline: new Deadline(clock, () => passed.push(clock.now() - startMs)) };
}

test("deadline: passes once, when its time has come", async (t) => {
  const { clock, passed, deadline } = setting();
  await clock.advance(1_000);
  t.deepEqual(passed, []);
  deadline.set(500);
  await clock.advance(10_000);
  t.deepEqual(passed, [1_500]);
});

test("deadline: moved on, it passes at the later time; moved forward, at the earlier one", async (t) => {
  const { clock, passed, deadline } = setting();
  deadline.set(10_000);
  await clock.advance(9_000);
  deadline.set(60_000);
  await clock.advance(59_999);
  t.deepEqual(passed, []);
  await clock.advance(1);
  t.deepEqual(passed, [69_000]);
  deadline.set(60_000);
  deadline.set(10);
  await clock.advance(100_000);
  t.deepEqual(passed, [69_000, 69_010]);
});

test("deadline: suspended or cancelled it does not pass, until it is set again", async (t) => {
  for (const end of ["suspend", "cancel"] as const) {
    const { clock, passed, deadline } = setting();
    deadline.set(1_000);
    await clock.advance(500);
    deadline[end]();
    await clock.advance(5_000);
    t.deepEqual(passed, []);
    deadline.set(1_000);
    deadline[end]();
    deadline.set(2_000);
    await clock.advance(5_000);
    t.deepEqual(passed, [7_500]);
  }
});
