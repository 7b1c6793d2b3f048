import { readFileSync } from "node:fs";

/**
 * Who has made a container or a network: `PID-START`, so that what a killed process left behind can be told
 * from what belongs to one that still runs. START is the time at which the process started, in the kernel's
 * ticks since the boot: process ids are used again.
 */
export const owner = `${process.pid}-${startOf(process.pid)}`;

/** Whether the process that an owner names still runs. */
export function ownerRuns(text: string): boolean {
  const [pid, start] = text.split("-");
  return start !== undefined && startOf(Number(pid)) === start;
}

function startOf(pid: number): string | undefined {
  try {
    // The name in parentheses, the second field, may hold anything; the state is the third field, Z when it
    // has ended and its parent does not care, and the start is the twenty-second.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
