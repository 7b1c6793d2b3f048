import { writeSync } from "node:fs";
import { createInterface } from "node:readline";

/** Writes one JSON line to standard output, at once. */
export function tell(event: string, details: object = {}): void {
  writeSync(1, `${JSON.stringify({ event, ...details })}\n`);
}

/** Calls `handle` with each line of standard input; the end of the input ends the process. */
export function onLine(handle: (line: string) => unknown): void {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => void handle(line));
  lines.on("close", () => process.exit(0));
}

/** The process's only argument, as JSON. */
export function specification<T>(): T {
  return JSON.parse(process.argv[2] ?? "{}") as T;
}
