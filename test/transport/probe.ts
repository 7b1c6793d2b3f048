import { networkInterfaces } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import {
  type Listener,
  MemoryNetwork,
  type Socket,
  type SocketHandlers,
  seededRandom,
  type Transport,
  type TransportError,
  tcpTransport,
  VirtualClock,
} from "../../src/transport/index.ts";

/** Somebody who writes down all that a socket tells. */
export class Probe implements SocketHandlers {
  readonly chunks: Uint8Array[] = [];
  receivedBytes = 0;
  drains = 0;
  /** `data`, `end` and `closed` in the order in which they came, repeated `data` once. */
  readonly story: string[] = [];
  readonly closings: (TransportError | undefined)[] = [];

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }

  data(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.receivedBytes += chunk.length;
    if (this.story.at(-1) !== "data") this.story.push("data");
  }

  drain(): void {
    this.drains++;
  }

  end(): void {
    this.story.push("end");
  }

  closed(error?: TransportError): void {
    this.story.push("closed");
    this.closings.push(error);
  }

  static on(socket: Socket): Probe {
    const probe = new Probe();
    socket.attach(probe);
    return probe;
  }
}

/** Something to run the shared behaviour on. */
export interface Ground {
  /** Two hosts that reach each other; `serverHost` is where the second listens. */
  readonly client: Transport;
  readonly server: Transport;
  readonly clientHost: string;
  readonly serverHost: string;
  /** Whether there is an IPv6 loopback address, which some containers lack. */
  readonly ipv6: boolean;
  /** Lets time pass until the condition holds; throws after ten seconds of it. */
  until(condition: () => boolean): Promise<void>;
  /** Lets `ms` pass, in which nothing is expected to happen. */
  pass(ms: number): Promise<void>;
  /** The result of something that needs time to pass. */
  outcome<T>(promise: Promise<T>): Promise<T>;
}

let grounds = 0;

/** The loopback interface; each ground listens on an address of its own, so that no test meets the ports of another. */
export function tcpGround(): Ground {
  grounds++;
  return {
    client: tcpTransport,
    server: tcpTransport,
    clientHost: "127.0.0.1",
    serverHost: `127.2.${process.pid % 250}.${grounds}`,
    ipv6: Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1")),
    async until(condition) {
      for (const end = Date.now() + 10_000; !condition(); await wait(1)) {
        if (Date.now() > end) throw new Error("waited in vain");
      }
    },
    pass: (ms) => wait(ms),
    outcome: (promise) => promise,
  };
}

/** Two hosts of a network in memory, and the means to disturb it. */
export interface MemoryGround extends Ground {
  readonly network: MemoryNetwork;
  readonly clock: VirtualClock;
}

export function memoryGround(
  options: Partial<ConstructorParameters<typeof MemoryNetwork>[0]> = {},
  seed: string | number = 1,
): MemoryGround {
  const clock = new VirtualClock();
  const network = new MemoryNetwork({ clock, random: seededRandom(seed), ...options });
  return {
    network,
    clock,
    client: network.host("10.0.0.1"),
    server: network.host("10.0.0.2"),
    clientHost: "10.0.0.1",
    serverHost: "10.0.0.2",
    ipv6: true,
    async until(condition) {
      if (!(await clock.runUntil(condition, 10_000))) throw new Error("waited in vain");
    },
    pass: (ms) => clock.advance(ms),
    async outcome(promise) {
      let settled = false;
      const settle = (): void => {
        settled = true;
      };
      promise.then(settle, settle);
      await clock.runUntil(() => settled, 600_000);
      return promise;
    },
  };
}

/** A connection with both its ends. */
export interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  readonly listener: Listener;
}

export async function connectPair(ground: Ground): Promise<Pair> {
  let far: Socket | undefined;
  const accept = (socket: Socket): void => {
    far = socket;
  };
  const listener = await ground.server.listen({ host: ground.serverHost, port: 0 }, accept);
  const near = await ground.outcome(
    ground.client.dial({
      host: ground.serverHost,
      port: listener.address.port,
      localHost: ground.clientHost,
    }),
  );
  await ground.until(() => far !== undefined);
  return { near, far: far!, listener };
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export async function rejection(promise: Promise<unknown>): Promise<TransportError> {
  try {
    await promise;
  } catch (error) {
    return error as TransportError;
  }
  throw new Error("was expected to fail");
}
