import { setMaxListeners } from "node:events";
import { isIP } from "node:net";
import type { LocalPeer, Peers } from "../topology/index.ts";
import { type Clock, type Random, splitHostPort, type Timer } from "../transport/index.ts";
import { AddressOrder } from "./address-order.ts";
import { DialLimiter, type DueTarget } from "./dial-limiter.ts";
import { Discovery } from "./discovery.ts";
import { RouterError, toError } from "./errors.ts";
import { explainDial } from "./explanation.ts";
import type { LocalConnection } from "./local-connection.ts";
import { Multiset } from "./multiset.ts";
import { Target } from "./target.ts";
import { completeAddress, parseTarget, type TargetAddress } from "./target-address.ts";

/** The router as its connection maker uses it. */
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
 * Beyond the original, a host name is resolved at every attempt. An attempt dials its addresses until one accepts; if
 * the handshake then fails, the next attempt starts with another address. A name is never given up: it may lead to
 * another peer later.
 */
export class ConnectionMaker {
  readonly #host: ConnectionMakerHost;
  /** The direct targets, by the texts that users gave. */
  #direct = new Map<string, DirectTarget>();
  readonly #targets = new Map<string, Target>();
  readonly #connections = new Set<LocalConnection>();
  /** The far ends of these connections. Kept up to date, as every check of the targets uses them. */
  readonly #connected: ConnectedTo = {
    names: new Multiset(),
    addresses: new Multiset(),
    inboundHosts: new Multiset(),
  };
  readonly #discovery: Discovery;
  readonly #limiter: DialLimiter;
  /** Counts the checks of the targets. */
  #checks = 0;
  #terminationCount = 0;
  #timer: Timer | undefined;
  #nextCheckMs = Number.POSITIVE_INFINITY;
  #checkScheduled = false;
  #stopped = false;

  constructor(host: ConnectionMakerHost) {
    this.#host = host;
    this.#discovery = new Discovery(host, this.#targets, this.#connected);
    this.#limiter = new DialLimiter(host.clock.now());
  }

  /** Connections that have been added to our table and have not ended. */
  get connections(): ReadonlySet<LocalConnection> {
    return this.#connections;
  }

  /** The number of connections and handshakes that have ended; those to ourselves do not count. */
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
        // A user who names a target expects an attempt now, not at the end of an earlier interval.
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

  /** Takes note that the topology has changed, and checks the targets at the end of this turn. */
  refresh(): void {
    this.#discovery.request();
    this.#checkSoon();
  }

  /** Checks at the end of this turn which targets are due. */
  #checkSoon(): void {
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
    if (target === undefined) return;
    target.state = "connected";
    if (this.#limiter.ended(target)) this.#checkSoon();
  }

  /** A connection has ended, perhaps in its handshake. */
  terminated(connection: LocalConnection, error: Error): void {
    const { clock, random } = this.#host;
    const code = error instanceof RouterError ? error.code : undefined;
    if (code !== "connect-to-self") this.#terminationCount++;
    const wasAdded = this.#connections.delete(connection);
    if (wasAdded) this.#note(connection, "remove");
    const target = this.#targetOf(connection);
    if (target !== undefined) {
      const now = clock.now();
      const lasted = target.lasted(now);
      target.failed(error, connection.explanation);
      if (wasAdded && lasted) target.addresses?.lasted();
      else target.addresses?.failed();
      const wrongPeer = code === "connect-to-self" || code === "name-collision";
      if (wrongPeer && !isHostName(connection.target!)) target.tryNever();
      else if (lasted && !wrongPeer) target.tryNow(now);
      else target.tryLater(now, random);
    }
    // A failed handshake changes nothing that the discovery searches.
    if (wasAdded) this.refresh();
    else if (target !== undefined) this.#attemptEnded(target);
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
    const check = ++this.#checks;
    const now = this.#host.clock.now();
    for (const named of this.#direct.values()) {
      const address = this.#complete(named);
      let target = this.#targets.get(address);
      if (!this.#reached(named, target) && !this.#connected.addresses.has(address)) {
        if (target === undefined) {
          target = new Target(now);
          this.#targets.set(address, target);
        }
        target.wantedAt = check;
      }
      if (target !== undefined) target.namedAt = check;
    }
    const searchMs = this.#host.peerDiscovery ? this.#discovery.run(now) : Number.POSITIVE_INFINITY;
    this.#attemptDue(check, now, searchMs);
  }

  /** Keeps `#connected` up to date. */
  #note(connection: LocalConnection, change: "add" | "remove"): void {
    this.#discovery.request();
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

  /** Attempts the targets whose time has come, and forgets discovered ones that are not found any more. */
  #attemptDue(check: number, now: number, searchMs: number): void {
    let next = searchMs;
    let nextFound = Number.POSITIVE_INFINITY;
    const due: DueTarget[] = [];
    for (const [address, target] of this.#targets) {
      if (target.state !== "waiting" && target.state !== "suspended") continue;
      const named = target.namedAt === check;
      const found = this.#discovery.found(target) && !this.#connected.addresses.has(address);
      if (target.wantedAt !== check && !found) {
        // A direct target keeps its state, so that its interval goes on when it is wanted again.
        if (named) target.state = "suspended";
        else this.#targets.delete(address);
        continue;
      }
      if (target.tryAfterMs === undefined) continue;
      target.state = "waiting";
      if (target.tryAfterMs <= now) due.push({ address, target, named });
      else if (named) next = Math.min(next, target.tryAfterMs - now);
      else nextFound = Math.min(nextFound, target.tryAfterMs - now);
    }
    for (const { address, target, named } of this.#limiter.admit(due, now)) {
      target.state = "attempting";
      queueMicrotask(() => void this.#attempt(address, target, named));
    }
    // While discovered targets wait for tokens, others of them that become due change nothing.
    this.#checkAt(Math.min(next, this.#limiter.short ? this.#limiter.waitMs(now) : nextFound) + now);
  }

  /** Sets the time of the next check; `Infinity` is never. */
  #checkAt(atMs: number): void {
    this.#timer?.cancel();
    this.#nextCheckMs = atMs;
    const waitMs = atMs - this.#host.clock.now();
    this.#timer =
      atMs === Number.POSITIVE_INFINITY
        ? undefined
        : this.#host.clock.setTimeout(() => this.refresh(), waitMs);
  }

  /**
   * An attempt has failed, and its target waits for its next. Thousands of discovered targets can fail in a second, so
   * that each only sees to it that a check comes in time.
   */
  #attemptEnded(target: Target): void {
    const counted = target.counted;
    if (this.#limiter.ended(target) || !counted) this.#checkSoon();
    else if ((target.tryAfterMs ?? Number.POSITIVE_INFINITY) < this.#nextCheckMs)
      this.#checkAt(target.tryAfterMs!);
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
      target.failed(error, explainDial(error));
      target.tryLater(clock.now(), random);
      this.#attemptEnded(target);
    }
  }

  async #dial(address: string, target: Target, acceptNewPeer: boolean): Promise<void> {
    this.#host.checkConnectionLimit();
    const parsed = splitHostPort(address);
    const addresses = await this.#host.resolve(parsed.host);
    const port = await this.#host.resolvePort(parsed.port);
    const isName = addresses.length > 1 || addresses[0] !== parsed.host;
    target.resolved = isName ? addresses : [];
    if (isName && this.#reachedAfterResolving(address, parsed, target)) {
      // The next check of the targets suspends it until that connection ends.
      target.state = "waiting";
      return this.#checkSoon();
    }
    if (isName) target.addresses ??= new AddressOrder();
    let lastError: unknown;
    for (const ip of target.addresses?.arrange(addresses) ?? addresses) {
      if (this.#stopped) return;
      target.addresses?.dialling(ip);
      try {
        return await this.#host.dial(ip, port, address, acceptNewPeer);
      } catch (error) {
        target.addresses?.failed();
        lastError = error;
      }
    }
    throw lastError;
  }
}

/** Whether the host of a complete address is a name, which may lead elsewhere at another time. */
function isHostName(address: string): boolean {
  return isIP(splitHostPort(address).host) === 0;
}

/** A target that a user named. */
interface DirectTarget extends TargetAddress {
  /** By what we know it; undefined if that depends on our port. */
  readonly known: string | undefined;
}

/** The far ends of our connections. */
interface ConnectedTo {
  readonly names: Multiset;
  readonly addresses: Multiset;
  /** IP addresses of those who have connected to us. */
  readonly inboundHosts: Multiset;
}
