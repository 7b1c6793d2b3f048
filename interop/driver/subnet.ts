import { type AddressInfo, createServer, type Server } from "node:net";

/** The port that every peer of every scenario listens on: each scenario has its own addresses instead. */
export const meshPort = 6783;

/**
 * A loopback subnet that belongs to one running scenario.
 *
 * Discovery tries inbound addresses at the peer's own port, so all peers of a mesh must share one port and
 * differ in address. The subnet is held by a guard that listens on its last address: the kernel decides
 * between runners that want the same one, and frees it when a runner dies.
 */
export interface Subnet {
  /** The address of the n-th host, from 1 to 250. */
  host(n: number): string;
  release(): Promise<void>;
}

let next = (process.pid * 7) % 65_000;

/** Finds a free subnet 127.x.y.0/24. @throws Error when none of 1000 tried is free. */
export async function allocateSubnet(): Promise<Subnet> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    next = (next + 1) % 65_000;
    const prefix = `127.${1 + Math.floor(next / 256)}.${next % 256}`; // never 127.0.y
    const guard = await listen(`${prefix}.254`);
    if (guard !== undefined) {
      return {
        host: (n) => `${prefix}.${n}`,
        release: () => new Promise((resolve) => guard.close(() => resolve())),
      };
    }
  }
  throw new Error("no free loopback subnet");
}

function listen(host: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", () => resolve(undefined));
    server.listen({ host, port: meshPort, exclusive: true }, () => resolve(server));
  });
}

/** A port that is free on all addresses just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "::", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
