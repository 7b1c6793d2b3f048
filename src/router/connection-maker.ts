import { setMaxListeners } from "node:events";
import type { LocalPeer, Peer, Peers } from "../topology/index.ts";
import {
  type Clock,
  joinHostPort,
  type Random,
  splitHostPort,
  splitTarget,
  type Timer,
} from "../transport/index.ts";
import { RouterError, toError } from "./errors.ts";
import type { LocalConnection } from "./local-connection.ts";
import { Tally } from "./tally.ts";
import { Target } from "./target.ts";
import { completeAddress, parseTarget, type TargetAddress } from "./target-address.ts";

/** What the connection maker asks of the router. */
export interface ConnectionMakerHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly ourself: LocalPeer;
  readonly peers: Peers;
  /** The port that we listen on, which is also tried at peers whose port we do not know. */
  readonly port: number;
  readonly peerDiscovery: boolean;
  /** @throws RouterError `connection-limit` */
  checkConnectionLimit(): void;
  /** All addresses of a host, as IP addresses. */
  resolve(host: string): Promise<string[]>;
  resolvePort(port: string): Promise<number>;
  /** Opens a connection and starts its handshake; `target` is the connection's target. */
  dial(ip: string, port: number, target: string, acceptNewPeer: boolean): Promise<void>;
  log(message: string): void;
}

/** A target with its state, as Status shows it. */
export interface TargetView {
  readonly address: string;
  readonly target: Target;
}

/** Gives up all dialling at once. Each dial listens to it, however many there are: that is no leak to be warned of. */
export function diallingController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/**
 * Makes connections: to the direct targets that users name, and with discovery to the peers that our peers are
 * connected to; again and again, with growing intervals. The original's connectionMaker (connection_maker.go).
 *
 * Beyond the original, a host name is resolved at every attempt and all its addresses are tried.
 */
export class ConnectionMaker {
  readonly #host: ConnectionMakerHost;
  /** What users named, by the very text that they gave. */
  #direct = new Map<string, DirectTarget>();
  readonly #targets = new Map<string, Target>();
  readonly #connections = new Set<LocalConnection>();
  /** Where these connections lead. Kept, as it is asked for at every look at the targets. */
  readonly #connected: ConnectedTo = {
    names: new Tally(),
    addresses: new Tally(),
    inboundHosts: new Tally(),
  };
  /** Counts the looks at the targets. */
  #looks = 0;
  #terminationCount = 0;
  #timer: Timer | undefined;
  #checkScheduled = false;
  #stopped = false;

  constructor(host: ConnectionMakerHost) {
    this.#host = host;
  }

  /** Connections that have been added to our table and have not ended. */
  get connections(): ReadonlySet<LocalConnection> {
    return this.#connections;
  }

  /** How many connections and handshakes have ended; those to ourselves do not count. */
  get terminationCount(): number {
    return this.#terminationCount;
  }

  /** All targets, direct and discovered. */
  targetViews(): TargetView[] {
    return [...this.#targets].map(([address, target]) => ({ address, target }));
  }

  /**
   * Names direct targets; with `replace` instead of those named before, which are forgotten (their connections stay).
   * Returns an error for each text that is no target; the others count.
   */
  connect(texts: readonly string[], replace: boolean): RouterError[] {
    const errors: RouterError[] = [];
    if (replace) this.#direct = new Map();
    for (const text of texts) {
      try {
        const parsed = parseTarget(text);
        const target = { ...parsed, known: parsed.port === "0" ? undefined : completeAddress(parsed, 0) };
        this.#direct.set(text, target);
        // Whoever names a target does not want to sit out an interval from before.
        this.#targets.get(this.#complete(target))?.tryNow(this.#host.clock.now());
      } catch (error) {
        errors.push(error as RouterError);
      }
    }
    this.refresh();
    return errors;
  }

  /** Forgets direct targets, given by the very texts by which they were named. Closes no connection. */
  forget(texts: readonly string[]): void {
    for (const text of texts) this.#direct.delete(text);
    this.refresh();
  }

  /** The texts of the direct targets; with `activeOnly` without those that are never tried again. */
  directTargets(activeOnly: boolean): string[] {
    const given = [...this.#direct];
    const active = given.filter(([, address]) => {
      const target = this.#targets.get(this.#complete(address));
      return !activeOnly || target === undefined || target.tryAfterMs !== undefined;
    });
    return active.map(([text]) => text);
  }

  /** Looks at the end of this turn which targets are due. */
  refresh(): void {
    if (this.#checkScheduled || this.#stopped) return;
    this.#checkScheduled = true;
    queueMicrotask(() => {
      this.#checkScheduled = false;
      this.#check();
    });
  }

  /** A connection has been added to our table. */
  created(connection: LocalConnection): void {
    this.#connections.add(connection);
    this.#note(connection, "add");
    const target = this.#targetOf(connection);
    if (target !== undefined) target.state = "connected";
  }

  /** A connection has ended, perhaps in its handshake. */
  terminated(connection: LocalConnection, error: Error): void {
    const { clock, random } = this.#host;
    const code = error instanceof RouterError ? error.code : undefined;
    if (code !== "connect-to-self") this.#terminationCount++;
    if (this.#connections.delete(connection)) this.#note(connection, "remove");
    const target = this.#targetOf(connection);
    if (target !== undefined) {
      const now = clock.now();
      target.state = "waiting";
      target.lastError = error;
      target.explanation = connection.explanation;
      if (code === "connect-to-self" || code === "name-collision") target.tryNever();
      else if (target.lasted(now)) target.tryNow(now);
      else target.tryLater(now, random);
    }
    this.refresh();
  }

  /** Makes no more connections. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #complete(target: DirectTarget): string {
    return target.known ?? completeAddress(target, this.#host.port);
  }

  #targetOf(connection: LocalConnection): Target | undefined {
    return connection.target === undefined ? undefined : this.#targets.get(connection.target);
  }

  #check(): void {
    if (this.#stopped) return;
    const look = ++this.#looks;
    const want = (address: string): void => {
      if (this.#connected.addresses.has(address)) return;
      let target = this.#targets.get(address);
      if (target === undefined) {
        target = new Target(this.#host.clock.now());
        this.#targets.set(address, target);
      }
      target.wantedAt = look;
    };
    for (const named of this.#direct.values()) {
      const address = this.#complete(named);
      if (!this.#reached(named, this.#targets.get(address))) want(address);
      const target = this.#targets.get(address);
      if (target !== undefined) target.namedAt = look;
    }
    if (this.#host.peerDiscovery) this.#discover(want);
    this.#attemptDue(look);
  }

  /** Takes note of where a connection leads when it comes, and when it goes. */
  #note(connection: LocalConnection, change: "add" | "remove"): void {
    const { names, addresses, inboundHosts } = this.#connected;
    names[change](connection.remote.name);
    addresses[change](connection.remoteAddress);
    if (connection.target !== undefined) addresses[change](connection.target);
    if (!connection.outbound) inboundHosts[change](connection.remoteHost);
  }

  /**
   * Whether a direct target needs no attempt: one of the addresses behind its name is connected, or, if it was named
   * without a port, its host has connected to us.
   */
  #reached({ host, port }: TargetAddress, target: Target | undefined): boolean {
    const resolved = target?.resolved ?? [];
    const { addresses, inboundHosts } = this.#connected;
    if (port === "0" && (inboundHosts.has(host) || resolved.some((ip) => inboundHosts.has(ip)))) return true;
    return resolved.some((ip) => addresses.has(completeAddress({ host: ip, port }, this.#host.port)));
  }

  /** Whether what a name has just been resolved to shows that we are connected to it already. */
  #reachedAfterResolving(address: string, parsed: TargetAddress, target: Target): boolean {
    const given = [...this.#direct.values()].filter((direct) => this.#complete(direct) === address);
    return [parsed, ...given].some((each) => this.#reached(each, target));
  }

  /** Adds the peers that others are connected to and we are not. */
  #discover(want: (address: string) => void): void {
    const { ourself, peers, port } = this.#host;
    // Every name that somebody is connected to is a peer's: with connections to all of them there is nothing to find.
    // This runs after each update, and a full mesh of n peers has n² connections to look at.
    const { names } = this.#connected;
    if (names.size === peers.size - 1) return;
    const isMissing = (name: string): boolean => name !== ourself.name && !names.has(name);
    for (const peer of peers) {
      if (peer === ourself || !leadsToAny(peer, isMissing)) continue;
      for (const [name, connection] of peer.connections) {
        if (!isMissing(name)) continue;
        if (connection.outbound) {
          want(connection.remoteAddress);
        } else {
          // The other side of an inbound connection has some port of its own; it may listen on ours.
          want(joinHostPort(splitTarget(connection.remoteAddress).host, port));
        }
      }
    }
  }

  /** Attempts the targets whose time has come, and forgets those that nobody has wanted at this look. */
  #attemptDue(look: number): void {
    const now = this.#host.clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [address, target] of this.#targets) {
      if (target.state !== "waiting" && target.state !== "suspended") continue;
      const named = target.namedAt === look;
      if (target.wantedAt !== look) {
        // A direct target keeps its state, so that its interval goes on when it is wanted again.
        if (named) target.state = "suspended";
        else this.#targets.delete(address);
        continue;
      }
      if (target.tryAfterMs === undefined) continue;
      target.state = "waiting";
      if (target.tryAfterMs <= now) {
        target.state = "attempting";
        queueMicrotask(() => void this.#attempt(address, target, named));
      } else {
        next = Math.min(next, target.tryAfterMs - now);
      }
    }
    this.#timer?.cancel();
    this.#timer =
      next === Number.POSITIVE_INFINITY ? undefined : this.#host.clock.setTimeout(() => this.#check(), next);
  }

  async #attempt(address: string, target: Target, acceptNewPeer: boolean): Promise<void> {
    const { clock, random } = this.#host;
    this.#host.log(`->[${address}] attempting connection`);
    try {
      await this.#dial(address, target, acceptNewPeer);
    } catch (thrown) {
      if (this.#stopped) return;
      const error = toError(thrown);
      this.#host.log(`->[${address}] error during connection attempt: ${error.message}`);
      target.state = "waiting";
      target.lastError = error;
      target.explanation = undefined;
      target.tryLater(clock.now(), random);
      this.refresh();
    }
  }

  async #dial(address: string, target: Target, acceptNewPeer: boolean): Promise<void> {
    this.#host.checkConnectionLimit();
    // Others tell us of addresses, which may be anything.
    const parsed = splitHostPort(address);
    const addresses = await this.#host.resolve(parsed.host);
    const port = await this.#host.resolvePort(parsed.port);
    const isName = addresses.length > 1 || addresses[0] !== parsed.host;
    target.resolved = isName ? addresses : [];
    if (isName && this.#reachedAfterResolving(address, parsed, target)) {
      // The next look at the targets suspends it until that connection ends.
      target.state = "waiting";
      return this.refresh();
    }
    let lastError: unknown;
    for (const ip of addresses) {
      if (this.#stopped) return;
      try {
        return await this.#host.dial(ip, port, address, acceptNewPeer);
      } catch (error) {
        lastError = error;
      }
    }
    throw lastError;
  }
}

/** Whether a peer has a connection to one of these names; asks for no more of its connections than the names. */
function leadsToAny(peer: Peer, isOne: (name: string) => boolean): boolean {
  for (const name of peer.connections.keys()) if (isOne(name)) return true;
  return false;
}

/** A target that a user named. */
interface DirectTarget extends TargetAddress {
  /** By what we know it; undefined if that depends on our port. */
  readonly known: string | undefined;
}

/** Where our connections lead. */
interface ConnectedTo {
  readonly names: Tally;
  readonly addresses: Tally;
  /** IP addresses of those who have connected to us. */
  readonly inboundHosts: Tally;
}
