import type { Measurements } from "./measurements.ts";

/** One file of `bench/rows`. */
export interface Benchmark {
  /** The letter of the row. */
  readonly id: string;
  readonly title: string;
  run(measurements: Measurements): Promise<void>;
}
