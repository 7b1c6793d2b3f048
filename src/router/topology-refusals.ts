import { type RefusedDescriptions, topologyLimits } from "../topology/index.ts";
import type { Clock } from "../transport/index.ts";

/** The least time between two lines about refused descriptions, in milliseconds. */
export const refusalIntervalMs = 60_000;

/**
 * Logs that descriptions of topology updates were ignored: at once, then at most once a minute, with the number since the last line.
 */
export class TopologyRefusals {
  readonly #clock: Clock;
  readonly #log: (line: string) => void;
  #lastMs = Number.NEGATIVE_INFINITY;
  #beyondLimits = 0;
  #aboveVersion = 0;

  constructor(clock: Clock, log: (line: string) => void) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Counts the refused descriptions of one update. */
  add({ beyondLimits, aboveVersion }: RefusedDescriptions): void {
    this.#beyondLimits += beyondLimits;
    this.#aboveVersion += aboveVersion;
    const now = this.#clock.now();
    if (now - this.#lastMs < refusalIntervalMs) return;
    this.#lastMs = now;
    this.#log(`topology: ignored ${this.#reasons().join(", and ")}`);
    this.#beyondLimits = 0;
    this.#aboveVersion = 0;
  }

  #reasons(): string[] {
    const { peers, connections, bytes } = topologyLimits;
    const limits = `${peers} peers, ${connections} connections and ${bytes / 1024 / 1024} MiB`;
    const counts: [count: number, reason: string][] = [
      [this.#beyondLimits, `beyond the limits of ${limits}`],
      [this.#aboveVersion, "at the highest version"],
    ];
    const reasons = counts.filter(([count]) => count > 0);
    return reasons.map(([count, reason], i) => {
      // Said once, as the second reason continues the sentence.
      if (i > 0) return `${count} ${reason}`;
      return `${count} ${count === 1 ? "description of a peer" : "descriptions of peers"} ${reason}`;
    });
  }
}
