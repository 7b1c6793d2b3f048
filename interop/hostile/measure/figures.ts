import type { Attack, Bars } from "../attack.ts";
import { generalBars } from "./bars.ts";
import type { CommandFigures } from "./command-run.ts";
import type { NetworkFigures } from "./network-run.ts";

/** The middle of some figures; of an even number the higher one. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** The figures of one language, over all rounds. */
export interface Summary {
  gapMs: number;
  unanswered: boolean;
  loopDelayMs: number | undefined;
  cpuSeconds: number;
  grownMiB: number;
  newcomerMs: number | undefined;
  /** In how many rounds the honest connections ended. */
  honestLost: number;
  /** In how many rounds the victim ended. */
  victimLost: number;
  rounds: number;
  attackerErrors: string[];
  /** How victims ended. */
  endings: string[];
}

/** Medians over the rounds; the gap of the control run is subtracted from each. */
export function summarise(rounds: readonly NetworkFigures[], controlGapMs: number): Summary {
  const present = (values: readonly (number | undefined)[]) => values.filter((value) => value !== undefined);
  const middle = (values: readonly (number | undefined)[]) =>
    present(values).length === 0 ? undefined : median(present(values) as number[]);
  return {
    gapMs: Math.max(0, median(rounds.map((round) => round.gapMs)) - controlGapMs),
    unanswered: rounds.filter((round) => round.unanswered).length * 2 > rounds.length,
    loopDelayMs: middle(rounds.map((round) => round.loopDelayMs)),
    cpuSeconds: median(rounds.map((round) => round.cpuSeconds)),
    grownMiB: median(rounds.map((round) => round.grownMiB)),
    newcomerMs: middle(rounds.map((round) => round.newcomerMs)),
    honestLost: rounds.filter((round) => !round.honestAlive).length,
    victimLost: rounds.filter((round) => !round.survived).length,
    rounds: rounds.length,
    endings: [...new Set(rounds.flatMap((round) => round.ending ?? []))],
    attackerErrors: [...new Set(rounds.flatMap((round) => round.attackerError ?? []))],
  };
}

/** Everything measured of one attack. */
export interface Result {
  /** The file's name and the variant. */
  name: string;
  attack: Attack;
  ours: Summary | undefined;
  go: Summary | undefined;
  controlGapMs: number | undefined;
  command: CommandFigures | undefined;
  /** What is not within the bars; none if the attack is repelled. */
  problems: string[];
}

/** What of an attack over the network is not within its bars. */
export function judge(bars: Bars, ours: Summary, go: Summary | undefined): string[] {
  const problems: string[] = [];
  const relative = (figure: number | undefined) => (figure === undefined ? 0 : figure * generalBars.ratio);
  const gapBar = Math.min(
    generalBars.longestGapMs,
    Math.max(bars.gapMs ?? generalBars.gapMs, relative(go?.gapMs)),
  );
  if (ours.gapMs > gapBar) problems.push(`gap ${Math.round(ours.gapMs)} ms, over ${Math.round(gapBar)} ms`);
  if (ours.unanswered && ours.gapMs <= gapBar) problems.push("no answer at the end");
  const memoryBar = bars.memoryMiB ?? generalBars.memoryMiB;
  if (ours.grownMiB > memoryBar) problems.push(`${Math.round(ours.grownMiB)} MiB, over ${memoryBar} MiB`);
  const newcomerBar = Math.max(bars.newcomerMs ?? generalBars.newcomerMs, relative(go?.newcomerMs));
  if (ours.newcomerMs !== undefined && ours.newcomerMs > newcomerBar) {
    problems.push(`a newcomer needed ${Math.round(ours.newcomerMs)} ms, over ${Math.round(newcomerBar)} ms`);
  }
  if (ours.honestLost > 0)
    problems.push(`an honest connection ended in ${ours.honestLost} of ${ours.rounds} rounds`);
  if (ours.victimLost > 0)
    problems.push(`the process ended in ${ours.victimLost} of ${ours.rounds} rounds (${ours.endings[0]})`);
  if (bars.cpuSeconds !== undefined && ours.cpuSeconds > bars.cpuSeconds) {
    problems.push(`${ours.cpuSeconds.toFixed(1)} s of CPU, over ${bars.cpuSeconds} s`);
  }
  return problems;
}

/** What of an attack on a command is not within its bars. */
export function judgeCommand(bars: Bars, rounds: readonly CommandFigures[]): string[] {
  const problems = new Set(rounds.flatMap(({ problem }) => problem ?? []));
  const cpuBar = bars.cpuSeconds ?? generalBars.commandSeconds;
  const cpu = median(rounds.map((round) => round.cpuSeconds));
  if (cpu > cpuBar) problems.add(`${cpu.toFixed(1)} s of CPU, over ${cpuBar} s`);
  if (rounds.some((round) => round.timedOut)) problems.add("it did not end in time");
  const memoryBar = bars.memoryMiB ?? generalBars.memoryMiB;
  const grown = median(rounds.map((round) => round.grownMiB));
  if (grown > memoryBar) problems.add(`${Math.round(grown)} MiB, over ${memoryBar} MiB`);
  const { outputMiB = Number.POSITIVE_INFINITY } = bars;
  const written = median(rounds.map((round) => round.outputMiB));
  if (written > outputMiB) problems.add(`${Math.round(written)} MiB of output, over ${outputMiB} MiB`);
  return [...problems];
}
