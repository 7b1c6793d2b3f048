import type { ConnectionRecord, LocalPeer, Peer, Peers } from "../topology/index.ts";
import { type Clock, canonicalIp, joinHostPort, type Random } from "../transport/index.ts";
import type { Multiset } from "./multiset.ts";
import { Target } from "./target.ts";

/**
 * The most discovered targets that are kept. Beyond it, failed ones are replaced by others, drawn at random, every
 * {@link replacementMs}: so each advertised address is tried at some time.
 */
export const maxDiscoveredTargets = 4096;

/** The time between two replacements of failed targets while there are too many, in milliseconds. */
export const replacementMs = 10_000;

/** The most failed targets that are replaced at a time. */
export const maxReplacements = 256;

/** Longer addresses are not tried, in UTF-16 units. An IPv6 address with zone and port takes less than 80. */
export const maxDiscoveredAddressLength = 128;

/** The connections that a search may visit without a pause after it. */
export const freeSearchSteps = 10_000;

/** After a larger search the next one waits for one millisecond per this many visited connections. */
export const searchStepsPerMs = 1_000;

/** The surroundings of the discovery. */
export interface DiscoveryHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly ourself: LocalPeer;
  readonly peers: Peers;
  readonly port: number;
}

/** The far ends of our connections. */
export interface Connected {
  readonly names: Multiset;
  readonly addresses: Multiset;
}

/**
 * Finds targets in the topology: the addresses of peers that others are connected to and we are not. The original's
 * addPeerTargets (connection_maker.go).
 *
 * It searches only after a change, and what remote peers tell is bounded: the addresses that are kept and tried, and
 * the time that searches take.
 */
export class Discovery {
  readonly #host: DiscoveryHost;
  readonly #targets: Map<string, Target>;
  readonly #connected: Connected;
  #due = true;
  #notBeforeMs = 0;
  /** Counts searches. */
  #search = 0;
  #steps = 0;
  /** The number of connections to addresses without a place, in the last search, and a random sample of them. */
  #surplus = 0;
  #sample: ConnectionRecord[] = [];

  constructor(host: DiscoveryHost, targets: Map<string, Target>, connected: Connected) {
    this.#host = host;
    this.#targets = targets;
    this.#connected = connected;
  }

  /** Asks for a search: the topology or our connections have changed. */
  request(): void {
    this.#due = true;
  }

  /** Whether the last search found this target. */
  found(target: Target): boolean {
    return target.foundAt === this.#search;
  }

  /**
   * Searches if something has changed and the last search is long enough ago. Returns after how many milliseconds to
   * call again, `Infinity` if there is no need.
   */
  run(nowMs: number): number {
    if (!this.#due) return Number.POSITIVE_INFINITY;
    if (nowMs < this.#notBeforeMs) return this.#notBeforeMs - nowMs;
    this.#due = false;
    this.#search++;
    this.#steps = 0;
    this.#surplus = 0;
    this.#sample = [];
    this.#visitPeers();
    let pauseMs = this.#steps > freeSearchSteps ? this.#steps / searchStepsPerMs : 0;
    if (this.#surplus > 0) {
      this.#replaceFailed();
      this.#due = true;
      pauseMs = Math.max(pauseMs, replacementMs);
    }
    this.#notBeforeMs = nowMs + pauseMs;
    return this.#due ? pauseMs : Number.POSITIVE_INFINITY;
  }

  #visitPeers(): void {
    const { ourself, peers } = this.#host;
    // Every name that somebody is connected to is a peer's: with connections to all of them there is nothing to find.
    // This runs after each update, and a full mesh of n peers has n² connections to look at.
    const { names } = this.#connected;
    if (names.size === peers.size - 1) return;
    const isMissing = (name: string): boolean => name !== ourself.name && !names.has(name);
    for (const peer of peers) {
      if (peer === ourself) continue;
      this.#steps += 1 + peer.connections.size;
      if (!leadsToAny(peer, isMissing)) continue;
      for (const [name, connection] of peer.connections) if (isMissing(name)) this.#visit(connection);
    }
  }

  #visit(connection: ConnectionRecord): void {
    const { remoteAddress } = connection;
    const full = this.#targets.size >= maxDiscoveredTargets;
    // Most addresses are targets already, or cannot become one now, and need not be parsed.
    let target = connection.outbound ? this.#targets.get(remoteAddress) : undefined;
    if (target === undefined && full && connection.outbound) {
      this.#addToSample(connection);
      return;
    }
    const address = target === undefined ? discoveredAddress(connection, this.#host.port) : remoteAddress;
    if (address === undefined || this.#connected.addresses.has(address)) return;
    target ??= this.#targets.get(address);
    if (target !== undefined) target.foundAt = this.#search;
    else if (full) this.#addToSample(connection);
    else this.#add(address);
  }

  #add(address: string): void {
    const target = new Target(this.#host.clock.now());
    target.foundAt = this.#search;
    this.#targets.set(address, target);
  }

  /** Reservoir sampling: each connection has the same chance to be in the sample. */
  #addToSample(connection: ConnectionRecord): void {
    this.#surplus++;
    const place =
      this.#sample.length < maxReplacements ? this.#sample.length : this.#host.random.int(this.#surplus);
    if (place < maxReplacements) this.#sample[place] = connection;
  }

  /** Gives the places of targets that have failed to the sample. */
  #replaceFailed(): void {
    const addresses = new Set<string>();
    const sample = this.#sample;
    this.#sample = [];
    for (const connection of sample) {
      const address = discoveredAddress(connection, this.#host.port);
      if (address === undefined || this.#connected.addresses.has(address)) continue;
      if (!this.#targets.has(address)) addresses.add(address);
    }
    const places = [...this.#targets].filter(([, target]) => target.replaceable).map(([address]) => address);
    let place = 0;
    for (const address of addresses) {
      const failed = places[place++];
      if (failed === undefined) return;
      this.#targets.delete(failed);
      this.#add(address);
    }
  }
}

/** Whether a peer has a connection to one of these names; visits no more of its connections than the names. */
function leadsToAny(peer: Peer, isOne: (name: string) => boolean): boolean {
  for (const name of peer.connections.keys()) if (isOne(name)) return true;
  return false;
}

/**
 * The address at which to try the peer at the far end of another peer's connection, in canonical form: its own address
 * if it was dialled there, else its host with our port, as the port of an inbound connection is a temporary one.
 *
 * Undefined unless it is an IP address with a port. Real peers tell no others; a host name would make us ask name
 * servers at the will of a remote peer, which the original does.
 */
export function discoveredAddress(connection: ConnectionRecord, ourPort: number): string | undefined {
  const text = connection.remoteAddress;
  if (text.length > maxDiscoveredAddressLength) return undefined;
  const [, v6, v4, digits] = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const ip = canonicalIp(v6 ?? v4 ?? "");
  if (ip === undefined) return undefined;
  if (!connection.outbound) return joinHostPort(ip, ourPort);
  const port = Number(digits);
  return port >= 1 && port <= 65_535 ? joinHostPort(ip, port) : undefined;
}
