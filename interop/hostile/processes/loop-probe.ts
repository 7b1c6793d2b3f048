/**
 * Preloaded into a TypeScript victim (`--import`): measures the delay of its event loop. The signal SIGUSR2 begins the
 * measurement. The largest delay is written every 50 ms to the file that the environment names.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

const file = process.env.HOSTILE_LOOP_DELAY;
if (file !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: 10 });
  let written = -1;
  process.on("SIGUSR2", () => {
    delays.enable();
    delays.reset();
    written = 0;
    writeFileSync(file, "0\n");
  });
  setInterval(() => {
    if (delays.max <= written) return;
    written = delays.max;
    writeFileSync(file, `${Math.max(0, delays.max / 1e6 - 10)}\n`);
  }, 50).unref();
}

// For commands: what the process used, once it ends by itself.
const usageFile = process.env.HOSTILE_USAGE;
if (usageFile !== undefined) {
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    // Not its maxRSS, which begins with the memory of the process that started this one.
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    const usage = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMiB: Number(peak) / 1024 };
    writeFileSync(usageFile, JSON.stringify(usage));
  });
}
