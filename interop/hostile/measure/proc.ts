import { readFileSync, writeFileSync } from "node:fs";

/** What the kernel says of a process (proc(5)). */
export interface Usage {
  /** User and system time. */
  cpuSeconds: number;
  /** Resident memory now. */
  residentMiB: number;
  /** The most resident memory since the start, or since {@link resetPeak}. */
  peakMiB: number;
}

const ticksPerSecond = 100; // USER_HZ, the same on every Linux architecture that Node runs on

/** Reads the usage of a process; `undefined` when it has ended. */
export function usageOf(pid: number): Usage | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const kib = (field: string) =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? Number.NaN);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // the name may hold blanks
    const usage = {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
      residentMiB: kib("VmRSS") / 1024,
      peakMiB: kib("VmHWM") / 1024,
    };
    return Number.isNaN(usage.residentMiB) ? undefined : usage; // a zombie has no memory
  } catch {
    return undefined;
  }
}

/** Makes the peak of a process what it holds now. */
export function resetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch {
    // Without the right to do so the peak counts from the start of the process, which is near to idle.
  }
}
