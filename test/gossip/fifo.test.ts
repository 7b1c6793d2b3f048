import test from "ava";
import fc from "fast-check";
import { Fifo, SharedBudget } from "../../src/gossip/index.ts";

test("fifo: does as an array with push and shift", (t) => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(), { nil: undefined, freq: 2 }), { maxLength: 500 }), (steps) => {
      const [fifo, array] = [new Fifo<number>(), [] as number[]];
      for (const step of steps) {
        if (step === undefined) {
          if (fifo.take() !== array.shift()) throw new Error("another item");
        } else {
          fifo.push(step);
          array.push(step);
        }
        if (fifo.length !== array.length || fifo.first !== array[0]) throw new Error("another state");
      }
    }),
  );
  t.pass();
});

test("shared budget: beyond the limit the largest holder drops until a sixteenth is free", (t) => {
  const budget = new SharedBudget(160);
  const make = () => {
    const holder = {
      held: 0,
      reports: 0,
      dropOldest() {
        holder.held--;
        budget.give(1);
      },
      reportDropped() {
        holder.reports++;
      },
    };
    budget.join(holder);
    return holder;
  };
  const [large, small] = [make(), make()];
  const take = (holder: typeof large, amount: number): void => {
    holder.held += amount;
    budget.take(amount);
    budget.enforce();
  };
  take(small, 20);
  take(large, 140);
  t.deepEqual([large.held, small.held], [140, 20]);
  take(large, 1);
  t.deepEqual([large.held, small.held, budget.used, large.reports, small.reports], [130, 20, 150, 1, 0]);
  take(small, 200);
  t.true(budget.used <= 150);
  t.is(large.held, 130, "the other is the largest now");
});
