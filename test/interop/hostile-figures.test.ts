import test from "ava";
import {
  judge,
  judgeCommand,
  median,
  type Summary,
  summarise,
} from "../../interop/hostile/measure/figures.ts";
import type { NetworkFigures } from "../../interop/hostile/measure/network-run.ts";

const round: NetworkFigures = {
  ...{
    gapMs: 100,
    unanswered: false,
    honestAlive: true,
    newcomerMs: 50,
    newcomers: 3,
    notes: {},
    output: "",
  },
  ...{
    cpuSeconds: 1,
    grownMiB: 10,
    loopDelayMs: 90,
    survived: true,
    ending: undefined,
    attackerError: undefined,
  },
};
const within: Summary = summarise([round], 0);

test("hostile figures: medians, with the gap of the control run subtracted", (t) => {
  t.is(median([3, 1, 2]), 2);
  const rounds = [100, 900, 200].map((gapMs) => ({ ...round, gapMs }));
  t.is(summarise(rounds, 50).gapMs, 150);
  t.is(summarise(rounds, 500).gapMs, 0);
});

test("hostile figures: one lost connection or ended process is enough to fail", (t) => {
  const lost = summarise([round, round, { ...round, honestAlive: false }], 0);
  t.regex(judge({}, lost, undefined).join(), /honest connection ended in 1 of 3/);
  const ended = summarise([round, { ...round, survived: false, ending: "1: out of memory" }, round], 0);
  t.regex(judge({}, ended, undefined).join(), /process ended in 1 of 3 rounds \(1: out of memory\)/);
});

test("hostile figures: the gap may be 250 ms or 1.5 times Go's, and never over 1 s", (t) => {
  t.deepEqual(judge({}, within, undefined), []);
  const slow = { ...within, gapMs: 600 };
  t.is(judge({}, slow, undefined).length, 1);
  t.deepEqual(judge({}, slow, { ...within, gapMs: 450 }), []);
  t.is(judge({}, { ...within, gapMs: 1_100 }, { ...within, gapMs: 5_000 }).length, 1);
});

test("hostile figures: memory is held to its bar whatever Go takes, newcomers to Go's time", (t) => {
  t.is(judge({}, { ...within, grownMiB: 300 }, { ...within, grownMiB: 900 }).length, 1);
  t.deepEqual(judge({}, { ...within, newcomerMs: 2_900 }, { ...within, newcomerMs: 2_000 }), []);
  t.is(judge({}, { ...within, newcomerMs: 2_900 }, { ...within, newcomerMs: 100 }).length, 1);
  t.is(judge({ cpuSeconds: 0.5 }, within, undefined).length, 1);
});

test("hostile figures: commands are held to processor time, memory, output and time", (t) => {
  const run = { seconds: 1, cpuSeconds: 1, grownMiB: 10, timedOut: false, outputMiB: 1, problem: undefined };
  t.deepEqual(judgeCommand({}, [run]), []);
  t.is(judgeCommand({}, [{ ...run, cpuSeconds: 11 }]).length, 1);
  t.is(judgeCommand({}, [{ ...run, grownMiB: 300 }]).length, 1);
  t.is(judgeCommand({ outputMiB: 0.5 }, [run]).length, 1);
  t.is(judgeCommand({}, [run, { ...run, timedOut: true }]).length, 1);
  t.deepEqual(judgeCommand({}, [{ ...run, problem: "wrong" }]), ["wrong"]);
});
