import type { Endpoint } from "../driver/endpoint.ts";
import { PeerProcess } from "../driver/peer-process.ts";
import { allocateSubnet, meshPort } from "../driver/subnet.ts";
import { commandOf, type Launch } from "./programs.ts";

/** A program that runs as a peer, wherever it does. */
export interface RunningProgram {
  /** Every line of its standard output so far. */
  readonly lines: readonly string[];
  /** Settles when it has ended, with its exit status or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** How it ended, or `undefined` while it runs. */
  readonly result: number | NodeJS.Signals | undefined;
  /** Where its control interface is, if that is not what it says itself. */
  readonly control?: string;
  /** Everything that it has written to standard error, its earlier runs included. */
  log(): string;
  /** Sends one line to its standard input. */
  say(line: string): void;
  endInput(): void;
  signal(signal: NodeJS.Signals): void;
}

/** Where the peers of one scenario live. */
export interface Surroundings {
  /** The IPv4 address of the n-th host, from 1 to 250. */
  host(n: number): string;
  /** Where the n-th host listens if it is a proxy. */
  proxyEndpoint(n: number): Endpoint;
  /** Whether this machine can dial from the addresses of hosts, and so a proxy from that of its client. */
  readonly ownsAddresses: boolean;
  /** Starts a peer; `logFile` is appended to. */
  start(launch: Launch, logFile: string): Promise<RunningProgram>;
  /** From now on, what peers of different groups send each other is lost without a trace. No groups: nothing is. */
  partition(groups: readonly (readonly string[])[]): Promise<void>;
  release(): Promise<void>;
}

/** Processes of this machine on a loopback subnet of their own. */
export async function nativeSurroundings(): Promise<Surroundings> {
  const subnet = await allocateSubnet();
  return {
    ownsAddresses: true,
    host: (n) => subnet.host(n),
    proxyEndpoint: (n) => ({ host: subnet.host(n), port: meshPort }),
    start: async (launch, logFile) => new PeerProcess(commandOf(launch), logFile),
    partition: () => Promise.reject(new Error("packets are lost between containers only")),
    release: () => subnet.release(),
  };
}
