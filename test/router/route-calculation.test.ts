import test from "ava";
import { maxStepsPerTurn, RouteCalculation } from "../../src/router/route-calculation.ts";
import type { Routes } from "../../src/topology/index.ts";
import { VirtualClock } from "../../src/transport/index.ts";

/** Routes of which only the cost is seen. */
function costly() {
  const routes = { steps: 0, calculate: () => {} };
  const clock = new VirtualClock();
  let changes = 0;
  const calculation = new RouteCalculation(clock, routes as unknown as Routes, () => changes++);
  return { routes, clock, calculation, changes: () => changes };
}

test("route calculation: actions run at once while nothing is pending, else after the recalculation, in order", async (t) => {
  const { clock, calculation, changes } = costly();
  const ran: number[] = [];
  t.is(
    calculation.whenCurrent(() => void ran.push(1)),
    undefined,
  );
  calculation.request();
  const waiting = [2, 3].map((number) => calculation.whenCurrent(() => void ran.push(number)));
  t.deepEqual(ran, [1]);
  await clock.advance(100);
  await Promise.all(waiting);
  t.deepEqual(ran, [1, 2, 3]);
  t.is(changes(), 1);
});

test("route calculation: when searches have visited too much, actions wait for further turns, in order", async (t) => {
  const { routes, clock, calculation } = costly();
  const ran: (number | string)[] = [];
  const search = (number: number) => () => {
    ran.push(number);
    routes.steps += maxStepsPerTurn / 2 + 1;
  };
  const waiting = [1, 2, 3, 4, 5].map((number) => calculation.whenCurrent(search(number)));
  t.deepEqual(ran, [1, 2], "what is spent is seen afterwards");
  t.deepEqual(waiting.slice(0, 2), [undefined, undefined]);
  clock.setTimeout(() => ran.push("something else"), 0);
  await clock.advance(0);
  await Promise.all(waiting);
  t.deepEqual(ran, [1, 2, 3, 4, "something else", 5]);
});

test("route calculation: a recalculation that is due meanwhile serves what waits for a turn", async (t) => {
  const { routes, clock, calculation, changes } = costly();
  const ran: number[] = [];
  routes.steps = maxStepsPerTurn + 1;
  const waiting = calculation.whenCurrent(() => void ran.push(1));
  calculation.request();
  calculation.runNow();
  await waiting;
  t.deepEqual(ran, [1]);
  t.is(changes(), 1);
  await clock.advance(1000);
  t.deepEqual(ran, [1]);
});
