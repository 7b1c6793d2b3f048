import type { Measurements } from "./measurements.ts";

/** How long and how often everything is measured. */
export interface Effort {
  readonly rounds: number;
  /** How long a stream of messages is measured in one round, and how long each side is warmed up before the first, in seconds. */
  readonly seconds: number;
  readonly warmSeconds: number;
  /** Smaller sizes and counts: to see that everything works. */
  readonly quick: boolean;
}

/** One file of `bench/rows`. */
export interface Benchmark {
  /** The letter of the row. */
  readonly id: string;
  readonly title: string;
  run(measurements: Measurements): Promise<void>;
}
