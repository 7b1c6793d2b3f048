import { median, spread } from "./statistics.ts";

/** The number and the length of the measurements. */
export interface Effort {
  readonly rounds: number;
  /** How long a stream of messages is measured in one round, and how long each side is warmed up before the first, in seconds. */
  readonly seconds: number;
  readonly warmSeconds: number;
  /** Smaller sizes and counts: to see that everything works. */
  readonly quick: boolean;
}

/** One figure that several sides have. */
export interface Comparison {
  /** What is measured, as it stands in the table. */
  readonly row: string;
  readonly unit: string;
  readonly better: "higher" | "lower";
  /** What the ratio TypeScript / Go should be at least (higher is better) or at most (lower is better). */
  readonly bar?: number;
  /** What TypeScript should reach by itself, where there is nothing to compare with. */
  readonly absoluteBar?: number;
}

/** What one side gave in one round: by row. */
export type Sample = Readonly<Record<string, number>>;

/** A side: `ts` and `go` make the ratio, all others are shown beside them. */
export type Sides = Readonly<Record<string, (round: Round) => Promise<Sample>>>;

/** What a side is to do now. */
export interface Round {
  /** For streams: how long. */
  readonly seconds: number;
  readonly warmUp: boolean;
}

/** The figures of one row. */
export interface Result extends Comparison {
  readonly id: string;
  readonly samples: Readonly<Record<string, readonly number[]>>;
  readonly medians: Readonly<Record<string, number>>;
  readonly spreads: Readonly<Record<string, number>>;
  /** Median over the rounds of TypeScript / Go, each of the same round: what disturbs the machine disturbs both. */
  readonly ratio?: number;
  readonly met?: boolean;
}

/** Runs sides in turn, and collects what they give. */
export class Measurements {
  readonly effort: Effort;
  readonly results: Result[] = [];
  readonly #id: string;
  readonly #only: RegExp;
  readonly #told: (result: Result) => void;

  /** `only`: which rows are wanted, by letter and name. `told` hears of each row that is done. */
  constructor(id: string, effort: Effort, only: RegExp, told: (result: Result) => void) {
    this.#id = id;
    this.effort = effort;
    this.#only = only;
    this.#told = told;
  }

  /** Whether any of these rows is to be measured. */
  wanted(...rows: readonly string[]): boolean {
    return rows.some((row) => this.#only.test(`${this.#id} ${row}`));
  }

  /**
   * Warms each side up for equally long, then measures A B A B. A sample that has figures for several comparisons fills
   * several rows. `rounds`: where others are wanted than of all rows.
   */
  async compare(
    comparisons: readonly Comparison[],
    sides: Sides,
    options: { warmUps?: number; rounds?: number } = {},
  ): Promise<void> {
    const { seconds, warmSeconds } = this.effort;
    const rounds = options.rounds ?? this.effort.rounds;
    const taken = new Map<string, Sample[]>(Object.keys(sides).map((side) => [side, []]));
    for (let i = 0; i < (options.warmUps ?? 1); i++) {
      for (const side of Object.values(sides)) await side({ seconds: warmSeconds, warmUp: true });
    }
    for (let round = 0; round < rounds; round++) {
      for (const [name, side] of Object.entries(sides)) {
        taken.get(name)!.push(await side({ seconds, warmUp: false }));
      }
    }
    for (const comparison of comparisons) this.#add(comparison, taken);
  }

  #add(comparison: Comparison, taken: ReadonlyMap<string, readonly Sample[]>): void {
    const samples: Record<string, number[]> = {};
    for (const [side, all] of taken) samples[side] = all.map((sample) => sample[comparison.row]!);
    const of = (figure: (values: readonly number[]) => number): Record<string, number> =>
      Object.fromEntries(Object.entries(samples).map(([side, values]) => [side, figure(values)]));
    const medians = of(median);
    const { ts, go } = samples;
    const ratio = ts && go ? median(ts.map((value, round) => value / go[round]!)) : undefined;
    const met = metBar(comparison, ratio, medians.ts);
    const result: Result = {
      ...comparison,
      id: this.#id,
      samples,
      medians,
      spreads: of(spread),
      ...(ratio === undefined ? {} : { ratio }),
      ...(met === undefined ? {} : { met }),
    };
    this.results.push(result);
    this.#told(result);
  }
}

function metBar(
  comparison: Comparison,
  ratio: number | undefined,
  ts: number | undefined,
): boolean | undefined {
  const { bar, absoluteBar, better } = comparison;
  const holds = (value: number, limit: number): boolean =>
    better === "higher" ? value >= limit : value <= limit;
  if (bar !== undefined && ratio !== undefined) return holds(ratio, bar);
  if (absoluteBar !== undefined && ts !== undefined) return holds(ts, absoluteBar);
  return undefined;
}
