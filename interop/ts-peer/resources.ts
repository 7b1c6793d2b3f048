import type { Server } from "node:http";
import { promisify } from "node:util";

/** What this process holds on to, for tests that nothing leaks; TypeScript peers only. */
export class Resources {
  /** Without what the control interface itself has open. The heap is measured after a collection (`--expose-gc`). */
  async beside(control: Server): Promise<{ heapBytes: number; sockets: number; timers: number }> {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
    const kinds = process.getActiveResourcesInfo();
    const count = (kind: string) => kinds.filter((each) => each === kind).length;
    const connections = await promisify(control.getConnections.bind(control))();
    return {
      heapBytes: process.memoryUsage().heapUsed,
      sockets: count("TCPSocketWrap") - connections,
      timers: count("Timeout"),
    };
  }
}
