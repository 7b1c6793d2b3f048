import { readFileSync } from "node:fs";

/**
 * Returns the number of files that this process may have open (the soft limit of RLIMIT_NOFILE); undefined if there is no
 * limit, or the system does not tell it.
 */
export function openFileLimit(): number | undefined {
  const text = softLimit();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function softLimit(): string | undefined {
  try {
    return /^Max open files\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1];
  } catch {
    // Not Linux: Node's report has the limits, too, and takes longer.
    const report = process.report?.getReport() as
      | { userLimits?: { open_files?: { soft?: unknown } } }
      | undefined;
    const soft = report?.userLimits?.open_files?.soft;
    return soft === undefined ? undefined : String(soft);
  }
}
