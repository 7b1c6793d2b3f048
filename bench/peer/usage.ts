import { readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";

/** Processor time used so far by this process, with all its threads, in milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Resident memory once the garbage has been collected and given back, in bytes, as Go's debug.FreeOSMemory does it. The `gc` of
 * V8's own flags collects, but keeps all the room that the young generation has grown to.
 */
export async function residentBytes(): Promise<number> {
  const session = new Session();
  session.connect();
  // The engine's answer to a warning that memory runs low. A second time, for what only the first one has let go of.
  await session.post("HeapProfiler.collectGarbage");
  await session.post("HeapProfiler.collectGarbage");
  session.disconnect();
  return Number(readFileSync("/proc/self/statm", "utf8").split(" ")[1]) * 4096;
}
