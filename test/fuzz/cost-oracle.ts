import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FuzzInput, FuzzTarget } from "./targets.ts";

/** The costs of one input, in processor time (the machine may be busy) and in resident memory. */
export interface Cost {
  readonly ms: number;
  readonly mebibytes: number;
}

/** An input is a finding only above both: this time, and this multiple of the median time for each byte. */
const mostMs = 20;
const mostTimesMedian = 50;
/** And above this memory, for inputs of at most 64 KiB. */
const mostMebibytes = 128;
/** Inputs of which the median is taken. */
export const sampleSize = 501;
/** Short inputs count as this long, since each has costs that do not depend on its length. */
const fewestBytes = 64;

/** Returns what `run` costs this process. */
export function costOf(run: () => void): Cost {
  const memory = process.memoryUsage.rss();
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, mebibytes: (process.memoryUsage.rss() - memory) / 2 ** 20 };
}

/** Tells inputs that cost far more than others of their length. */
export class CostOracle {
  readonly #target: FuzzTarget;
  readonly #measure: (target: string, input: FuzzInput) => Cost;
  readonly #sample: number[] = [];
  #seen = 0;
  #median = 0;

  /** `measure` measures an input in a process of its own; tests have another. */
  constructor(target: FuzzTarget, measure: (target: string, input: FuzzInput) => Cost = measureApart) {
    this.#target = target;
    this.#measure = measure;
  }

  /** The median time for each byte, in ms. */
  get median(): number {
    return this.#median;
  }

  /** Takes note of an input's cost. Returns the problem if it is a finding, which fresh processes have confirmed. */
  judge(input: FuzzInput, cost: Cost): string | undefined {
    const length = Math.max(input.bytes.length, fewestBytes);
    this.#note(cost.ms / length);
    if (this.#seen < sampleSize || !this.#isTooMuch(cost, length)) return undefined;
    const again = [1, 2, 3].map(() => this.#measure(this.#target.name, input));
    if (!again.every((each) => this.#isTooMuch(each, length))) return undefined;
    const shown = again
      .map(({ ms, mebibytes }) => `${ms.toFixed(0)} ms ${mebibytes.toFixed(0)} MiB`)
      .join(", ");
    return `${input.bytes.length} bytes take ${shown}; the median is ${(this.#median * 1e6).toFixed(0)} ns a byte`;
  }

  #isTooMuch({ ms, mebibytes }: Cost, length: number): boolean {
    return (ms > mostMs && ms > mostTimesMedian * this.#median * length) || mebibytes > mostMebibytes;
  }

  #note(perByte: number): void {
    if (this.#seen++ >= sampleSize) return;
    this.#sample.push(perByte);
    if (this.#seen === sampleSize) this.#median = this.#sample.sort((a, b) => a - b)[sampleSize >> 1]!;
  }
}

/** Measures an input in a process of its own, which has warmed up with the target's good inputs. */
function measureApart(target: string, { bytes, origin }: FuzzInput): Cost {
  const script = fileURLToPath(new URL("measure.ts", import.meta.url));
  const output = execFileSync(process.execPath, ["--import=tsx", script, target, String(origin)], {
    input: Buffer.from(bytes).toString("hex"),
    maxBuffer: 2 ** 20,
  });
  return JSON.parse(output.toString()) as Cost;
}
