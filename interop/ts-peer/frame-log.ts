import { openSync, writeSync } from "node:fs";
import type { FrameEvent } from "weave-mesh";

/**
 * Appends all plain conversation of a router to a file, one JSON object on each line. Written at once, so
 * that nothing but a half line is lost when the process is killed.
 */
export function frameLog(file: string): (event: FrameEvent) => void {
  const descriptor = openSync(file, "a");
  // Connections are numbered anew by each process, and a restarted peer goes on with its file.
  const process = `${globalThis.process.pid}`;
  return ({ connection, direction, part, bytes, remoteAddress }) => {
    const hex = Buffer.from(bytes).toString("hex");
    const line = { process, connection, direction, part, remoteAddress, hex };
    writeSync(descriptor, `${JSON.stringify(line)}\n`);
  };
}
