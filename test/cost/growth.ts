import type { ExecutionContext } from "ava";
import { countWorks, type Work } from "./work-counter.ts";

/** One measurement of how work grows with the input. */
export interface GrowthOptions<I> {
  /** The measured operation, for the message. */
  readonly name: string;
  /** Makes an input of size n. Its work is not counted. */
  readonly prepare: (size: number) => I;
  /** The measured work; may return a promise. */
  readonly run: (input: I) => unknown;
  /** The two sizes. Default 10,000 and 40,000. */
  readonly sizes?: readonly [number, number];
  /** The factor that the work must stay below. Default 5: linear work grows by 4, n log n by 4.6. */
  readonly below?: number;
  /** A file URL: the folder of the measured code. Default src/. */
  readonly folder?: string;
  /** The least steps per unit of the size, which shows that the run did its work at all. Default 0.5. */
  readonly least?: number;
}

let last: Promise<unknown> = Promise.resolve();

/**
 * Fails unless the work of `run` at the second size is less than `below` times its work at the first, and at
 * least `least` steps per unit of the size. Work is counted, not timed: see {@link countWorks}. Calls of one
 * process wait for each other, but other tests must not run meanwhile: keep cost tests in files of their own.
 */
export async function assertGrowth<I>(t: ExecutionContext, options: GrowthOptions<I>): Promise<void> {
  const problem = await growthProblem(options);
  t.true(problem === undefined, problem);
}

/** As {@link assertGrowth}, but returns what is wrong, or undefined. */
export async function growthProblem<I>(options: GrowthOptions<I>): Promise<string | undefined> {
  const turn = last.then(() => measure(options));
  last = turn.catch(() => undefined);
  const [small, large] = await turn;
  const { sizes = [10_000, 40_000], below = 5, least = 0.5 } = options;
  const factor = large.steps / small.steps;
  const shown = `${options.name}: ${small.steps} steps at ${sizes[0]}, ${large.steps} at ${sizes[1]}`;
  if (small.steps < least * sizes[0]) return `${shown}: too few to be the work that is meant`;
  if (factor < below) return undefined;
  return `${shown}: factor ${factor.toFixed(2)}, limit ${below}; most in\n${printed(large)}`;
}

async function measure<I>({ prepare, run, sizes = [10_000, 40_000], folder }: GrowthOptions<I>) {
  // Once before, so that what is compiled or cached at the first use counts for neither size.
  await run(prepare(Math.min(100, sizes[0])));
  const inputs = sizes.map(prepare) as [I, I];
  const [small, large] = await countWorks(
    inputs.map((input) => () => run(input)),
    folder,
  );
  return [small!, large!] as const;
}

function printed({ places }: Work): string {
  return places.map(({ place, steps }) => `  ${steps} ${place}`).join("\n");
}
