import {
  type Channel,
  type GossipData,
  type Gossiper,
  TopologyData,
  TopologyGossiper,
  topologyChannel,
} from "../gossip/index.ts";
import type { PeerName } from "../peer-name.ts";
import {
  formatAddress,
  type Listener,
  type Socket,
  type SocketAddress,
  type Timer,
} from "../transport/index.ts";
import { AcceptLimiter } from "./accept-limiter.ts";
import { Channels } from "./channels.ts";
import type { ConnectionHost } from "./connection-host.ts";
import { ConnectionMaker, diallingController } from "./connection-maker.ts";
import { ConnectionTable } from "./connection-table.ts";
import { RouterError, toError } from "./errors.ts";
import { type RouterEventMap, TypedEventTarget } from "./events.ts";
import { HeldConnections } from "./held-connections.ts";
import { IncompleteMessages } from "./incomplete-messages.ts";
import { LocalConnection } from "./local-connection.ts";
import { LogLimiter, removalBurstLines, removalLinesPerSecond } from "./log-limiter.ts";
import { type RouterOptions, type RouterSettings, settingsOf } from "./options.ts";
import { describePeer, type PeerDescription, peerStatus, type Status, statusWithoutPeers } from "./status.ts";
import { statusJsonPieces } from "./status-json.ts";
import { TopologyUpkeep } from "./topology-upkeep.ts";
import { UnprovedConnections } from "./unproved-connections.ts";

/** How a router stops. */
export interface StopOptions {
  /** How long what waits may take to go out, in milliseconds; then connections are reset. Default: 5,000. */
  timeoutMs?: number;
}

/**
 * A peer of the mesh: the original's Router (router.go).
 *
 * Listens and connects, keeps the mesh's topology, routes, and carries gossip channels. Nothing happens before
 * `start`, except that channels can be registered and targets named. All callbacks and events come after the change
 * that they tell of is complete, and may call back in.
 */
export class Router extends TypedEventTarget<RouterEventMap> implements AsyncDisposable {
  readonly #settings: RouterSettings;
  readonly #mesh: TopologyUpkeep;
  readonly #channels: Channels;
  readonly #topology: Channel<TopologyData>;
  readonly #table: ConnectionTable;
  readonly #maker: ConnectionMaker;
  readonly #acceptLimiter: AcceptLimiter;
  readonly #connectionHost: ConnectionHost<LocalConnection>;
  readonly #held = new HeldConnections();
  /** Every connection from its socket on, in the table or not. */
  readonly #open = new Set<LocalConnection>();
  readonly #createdAtMs: number;
  readonly #removals: LogLimiter;
  readonly #dialling = diallingController();
  #listener: Listener | undefined;
  #gossipTimer: Timer | undefined;
  #connectionCount = 0;
  #state: "new" | "starting" | "running" | "stopping" | "stopped" = "new";
  #stopped: Promise<void> | undefined;

  /** @throws RouterError `invalid-option` */
  constructor(options: RouterOptions) {
    super();
    const settings = settingsOf(options);
    this.#settings = settings;
    this.#createdAtMs = settings.clock.now();
    this.#removals = this.#makeRemovalLog();
    this.#mesh = this.#makeTopology();
    this.#table = this.#makeTable();
    this.#maker = this.#makeConnectionMaker();
    this.#channels = this.#makeChannels();
    this.#topology = this.#channels.register(topologyChannel, this.#makeTopologyGossiper());
    this.#connectionHost = this.#makeConnectionHost();
    this.#acceptLimiter = new AcceptLimiter(settings.clock, settings.logger, this.#accept);
    options.signal?.addEventListener("abort", () => void this.stop(), { once: true });
    if (options.signal?.aborted) void this.stop();
  }

  /** Our name. */
  get name(): PeerName {
    return this.#mesh.ourself.name;
  }

  /** Our unique identifier in this life. */
  get uid(): bigint {
    return this.#mesh.ourself.uid;
  }

  /** Where we listen, with the port that was chosen if 0 was asked for. @throws RouterError `not-running` */
  get address(): SocketAddress {
    if (this.#listener === undefined) throw new RouterError("not-running", "the router does not listen");
    return this.#listener.address;
  }

  /**
   * Opens the port, and begins to connect to the targets named so far.
   *
   * Rejects with TransportError (`in-use` and others) if the port cannot be opened; the router can be started again.
   * Rejects with RouterError `stopped` after `stop`.
   */
  async start(): Promise<void> {
    const { host, port, transport, logger } = this.#settings;
    if (this.#state !== "new") {
      throw new RouterError(
        this.#state === "running" || this.#state === "starting" ? "already-running" : "stopped",
        `the router cannot be started: it is ${this.#state}`,
      );
    }
    this.#state = "starting";
    let listener: Listener;
    try {
      listener = await transport.listen(
        { host, port },
        (socket) => this.#acceptLimiter.add(socket),
        (error) => logger.info(error.message),
      );
    } catch (error) {
      if (this.#state === "starting") this.#state = "new";
      throw error;
    }
    if (this.#state !== "starting") {
      await listener.close();
      throw new RouterError("stopped", "the router was stopped while it started");
    }
    this.#listener = listener;
    this.#state = "running";
    this.#scheduleGossip();
    this.#maker.refresh();
  }

  /**
   * Registers a gossiper on a channel, before or after `start`. Where messages of the channel were relayed before,
   * the gossiper takes over.
   *
   * @throws GossipError `duplicate-channel`
   */
  channel<D extends GossipData<D>>(name: string, gossiper: Gossiper<D>): Channel<D> {
    return this.#channels.register(name, gossiper);
  }

  /**
   * Names direct targets, `host[:port]`; without a port ours is taken. They are tried again and again until they are
   * forgotten. With `replace`, those named before are forgotten.
   *
   * Returns a RouterError `invalid-target` for each text that is none; the others count. What else goes wrong with a
   * target shows in the log and in Status.
   */
  connect(targets: readonly string[], options: { replace?: boolean } = {}): RouterError[] {
    return this.#maker.connect(targets, options.replace ?? false);
  }

  /** Forgets direct targets, given by the very texts that named them. Connections stay. */
  forget(targets: readonly string[]): void {
    this.#maker.forget(targets);
  }

  /** The direct targets, as they were given; with `activeOnly` only those still to be tried. */
  targets(options: { activeOnly?: boolean } = {}): string[] {
    return this.#maker.directTargets(options.activeOnly ?? false);
  }

  /** All known peers, ourselves included. */
  peers(): PeerDescription[] {
    return Array.from(this.#mesh.peers, (peer) => describePeer(peer, peer === this.#mesh.ourself));
  }

  /** The name of the peer that a short ID stands for. */
  peerByShortId(shortId: number): PeerName | undefined {
    return this.#mesh.peers.byShortId(shortId)?.name;
  }

  /** A snapshot of everything. */
  status(): Status {
    return { ...this.#statusWithoutPeers(), peers: Array.from(this.#mesh.peers, peerStatus) };
  }

  /** The status as JSON, as Go's encoding/json prints the original's Status. */
  statusJson(): string {
    return [...this.statusJsonPieces()].join("");
  }

  /** The JSON of `statusJson` in pieces of about 64 KiB, for a caller that pauses between them. */
  statusJsonPieces(): Generator<string, void, undefined> {
    return statusJsonPieces(this.#statusWithoutPeers(), [...this.#mesh.peers]);
  }

  /**
   * Leaves the mesh: no more connections are made or taken, what waits goes out, then each connection is closed, so
   * that the neighbours notice at once. Whoever has not taken it all in time is reset. Never rejects; stopping twice
   * is stopping once.
   */
  stop(options: StopOptions = {}): Promise<void> {
    this.#stopped ??= this.#stop(options.timeoutMs ?? 5_000);
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(timeoutMs: number): Promise<void> {
    const { clock, overlay } = this.#settings;
    this.#state = "stopping";
    this.#maker.stop();
    this.#acceptLimiter.stop();
    this.#dialling.abort();
    this.#gossipTimer?.cancel();
    await this.#listener?.close();
    // What was put off is done now, as there will be no later.
    this.#mesh.flush();
    let timer: Timer | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, timeoutMs);
    });
    const stopped = new RouterError("stopped", "router stopped");
    const finished = Promise.all([...this.#open].map((connection) => connection.finish(stopped)));
    await Promise.race([finished, timeout]);
    timer?.cancel();
    for (const connection of this.#open) connection.shutdown(stopped);
    // Connections end at the end of the turn in which they are shut down.
    await Promise.resolve();
    this.#mesh.stop();
    this.#removals.flush();
    overlay.stop();
    this.#state = "stopped";
  }

  #statusWithoutPeers(): Omit<Status, "peers"> {
    const { ourself, routes } = this.#mesh;
    const source = { settings: this.#settings, ourself, routes, maker: this.#maker };
    return statusWithoutPeers({ ...source, port: this.#port, createdAtMs: this.#createdAtMs });
  }

  /** The port we listen on; before that, the one we were told to. */
  get #port(): number {
    return this.#listener?.address.port ?? this.#settings.port;
  }

  #log(message: string): void {
    this.#settings.logger.info(message);
  }

  #report(thrown: unknown): void {
    const error = toError(thrown);
    this.#settings.logger.error(error.message);
    this.emit("error", { error });
  }

  readonly #accept = (socket: Socket): void => {
    this.#log(`->[${formatAddress(socket.remoteAddress)}] connection accepted`);
    this.#startConnection(socket, undefined, true);
  };

  async #dial(ip: string, port: number, target: string, acceptNewPeer: boolean): Promise<void> {
    const { transport, host } = this.#settings;
    const { signal } = this.#dialling;
    const socket = await transport.dial({ host: ip, port, localHost: host, signal });
    if (this.#state !== "running") return socket.reset();
    this.#startConnection(socket, target, acceptNewPeer);
  }

  #startConnection(socket: Socket, target: string | undefined, acceptNewPeer: boolean): void {
    const options = { socket, outbound: target !== undefined, target, acceptNewPeer };
    const connection = new LocalConnection(this.#connectionHost, options);
    this.#open.add(connection);
    connection.start();
  }

  #scheduleGossip(): void {
    const { clock, gossipIntervalMs } = this.#settings;
    if (gossipIntervalMs <= 0) return;
    // Ticks are counted from the router's creation, as those of the original's ticker are.
    const sinceLast = (clock.now() - this.#createdAtMs) % gossipIntervalMs;
    this.#gossipTimer = clock.setTimeout(() => {
      this.#scheduleGossip();
      this.#channels.gossipEverything();
    }, gossipIntervalMs - sinceLast);
  }

  #makeTopology(): TopologyUpkeep {
    return new TopologyUpkeep(this.#settings, {
      added: ({ name, nickName }) => this.emit("peeradded", { name, nickName }),
      removed: (peer) => {
        this.#removals.line(() => `Removed unreachable peer ${peer}`);
        this.emit("peerremoved", { name: peer.name, nickName: peer.nickName });
      },
      shortIdsInvalidated: () => this.emit("shortidsinvalidated", undefined),
      routesChanged: () => this.emit("routeschanged", undefined),
      tell: (names) => this.#topology.gossip(new TopologyData(this.#mesh.peers, names)),
    });
  }

  #makeRemovalLog(): LogLimiter {
    const write = (line: string): void => this.#log(line);
    const leftOut = (count: number): void => this.#log(`left out ${count} lines about removed peers`);
    return new LogLimiter(
      { clock: this.#settings.clock, write, leftOut },
      removalBurstLines,
      removalLinesPerSecond,
    );
  }

  #makeTable(): ConnectionTable {
    return new ConnectionTable({
      ourself: this.#mesh.ourself,
      peers: this.#mesh.peers,
      routes: this.#mesh.routes,
      connectionLimit: this.#settings.connectionLimit,
      held: this.#held,
      sendEverythingDown: (connection) => this.#channels.sendEverythingDown(connection),
      recalculateRoutes: () => this.#mesh.recalculate(),
      announce: (...announced) => this.#mesh.announce(...announced),
    });
  }

  #makeConnectionHost(): ConnectionHost<LocalConnection> {
    return {
      ...this.#settings,
      peers: this.#mesh.peers,
      backlog: this.#channels.backlog,
      unproved: new UnprovedConnections(),
      incomplete: new IncompleteMessages(),
      held: this.#held,
      contends: (name) => this.#table.contends(name),
      connectionProved: (proved) => this.#table.proved(proved),
      nextConnectionNumber: () => ++this.#connectionCount,
      log: (message) => this.#log(message),
      warn: (message) => this.#settings.logger.warn(message),
      report: (error) => this.#report(error),
      addConnection: (added, restarted) => this.#table.add(added, restarted),
      connectionEstablished: (established) => {
        if (this.#table.established(established)) this.emit("connectionestablished", established.describe());
      },
      deleteConnection: (deleted) => {
        // The peer of a connection that was never added is known until the next collection: there must be one.
        if (!this.#table.delete(deleted)) this.#mesh.collectSoon();
      },
      connectionCreated: (created) => this.#maker.created(created),
      connectionTerminated: (ended, error) => {
        this.#open.delete(ended);
        this.#maker.terminated(ended, error);
        const { reason, text: explanation } = ended.explanation ?? {};
        this.emit("connectionclosed", { ...ended.describe(), error, reason, explanation });
      },
      deliver: (tag, body, from) => this.#channels.deliver(tag, body, from),
    };
  }

  #makeConnectionMaker(): ConnectionMaker {
    const { clock, random, transport, peerDiscovery } = this.#settings;
    const port = (): number => this.#port;
    return new ConnectionMaker({
      clock,
      random,
      ourself: this.#mesh.ourself,
      peers: this.#mesh.peers,
      peerDiscovery,
      get port() {
        return port();
      },
      checkConnectionLimit: () => this.#table.checkLimit(),
      resolve: (host) => transport.resolve(host, { signal: this.#dialling.signal }),
      resolvePort: (service) => transport.resolvePort(service),
      dial: (ip, to, target, acceptNewPeer) => this.#dial(ip, to, target, acceptNewPeer),
      log: (message) => this.#log(message),
    });
  }

  #makeChannels(): Channels {
    const { clock, random, flavour, gossipIntervalMs } = this.#settings;
    return new Channels({
      clock,
      random,
      flavour,
      gossipIntervalMs,
      ourself: this.#mesh.ourself,
      routes: this.#mesh.routes,
      connectionTo: (name) => this.#table.get(name),
      whenRoutesCurrent: (action) => this.#mesh.whenRoutesCurrent(action),
      connections: () => this.#table,
      report: (error) => this.#report(error),
    });
  }

  #makeTopologyGossiper(): TopologyGossiper {
    return new TopologyGossiper(this.#mesh.peers, (changed) => {
      this.#mesh.collectSoon();
      if (!changed) return;
      this.#maker.refresh();
      this.#mesh.recalculate();
    });
  }
}
