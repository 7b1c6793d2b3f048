import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PeerName } from "../../src/peer-name.ts";
import type { RecordedPiece } from "../byte-exact/recording.ts";
import { disagreement, type Edge } from "../driver/agreement.ts";
import { type Endpoint, endpointText } from "../driver/endpoint.ts";
import { TcpProxy } from "../driver/proxy.ts";
import { SeededRandom } from "../driver/random.ts";
import { freePort, meshPort } from "../driver/subnet.ts";
import { until } from "../driver/wait.ts";
import { containerSurroundings } from "./containers.ts";
import { type ExchangeOptions, exchange } from "./exchange.ts";
import { HostName } from "./hosts-file.ts";
import { isGoOnly, languageOf, type MeshSpec, type PeerSpec, type Setting } from "./mesh-spec.ts";
import { drawIdentity } from "./names.ts";
import { CounterProgram, DrivenPeer, JoinProgram, type Peer, type PeerContext } from "./peer.ts";
import type { Launch } from "./programs.ts";
import { RawPeer } from "./raw-peer.ts";
import { nativeSurroundings, type Surroundings } from "./surroundings.ts";

/** By then each of five neighbours has been chosen for complete gossip, but for one time in 700. */
export const slowGossipMs = 480_000;

type Places = Map<string, Endpoint>;

/** The running mesh of one cell, as a scenario sees it. */
export class Mesh {
  readonly cell: Setting;
  readonly random: SeededRandom;
  /** Where logs and recordings of this cell are. */
  readonly folder: string;
  readonly #spec: MeshSpec;
  readonly #surroundings: Surroundings;
  readonly #peers = new Map<string, Peer>();
  readonly #proxies = new Map<string, TcpProxy>();
  readonly #rawPeers: RawPeer[] = [];
  readonly #hostNames: HostName[] = [];
  #nextHost = 0;
  readonly #abort = new AbortController();

  private constructor(
    cell: Setting,
    spec: MeshSpec,
    surroundings: Surroundings,
    folder: string,
    random: SeededRandom,
  ) {
    this.cell = cell;
    this.folder = folder;
    this.random = random;
    this.#spec = spec;
    this.#surroundings = surroundings;
  }

  /** Allocates addresses and names for the peers of a cell, and opens its proxies; no peer runs yet. */
  static async prepare(cell: Setting, spec: MeshSpec, folder: string, seed: string): Promise<Mesh> {
    await mkdir(folder, { recursive: true });
    const surroundings = await (cell.transport === "docker" ? containerSurroundings() : nativeSurroundings());
    const mesh = new Mesh(cell, spec, surroundings, folder, new SeededRandom(seed));
    const places = await mesh.#allocate();
    for (const [label, target] of Object.entries(spec.proxies ?? {})) {
      const proxy = await TcpProxy.listen(
        places.get(label)!,
        places.get(target)!,
        surroundings.ownsAddresses,
      );
      mesh.#proxies.set(label, proxy);
    }
    for (const [label, peer] of Object.entries(spec.peers)) {
      mesh.#peers.set(label, mesh.#create(label, peer, places));
    }
    return mesh;
  }

  /** Where the peers and proxies listen. */
  async #allocate(): Promise<Places> {
    const places: Places = new Map();
    let next = 1;
    for (const [label, { address, sameAddressAs }] of Object.entries(this.#spec.peers)) {
      let place: Endpoint = { host: this.#surroundings.host(next++), port: meshPort };
      if (sameAddressAs !== undefined) place = places.get(sameAddressAs)!;
      else if (address === "ipv6") place = { host: "::1", port: await freePort() };
      else if (address === "any") place = { host: "0.0.0.0", port: await freePort() };
      places.set(label, place);
    }
    for (const label of Object.keys(this.#spec.proxies ?? {})) {
      places.set(label, this.#surroundings.proxyEndpoint(next++));
    }
    this.#nextHost = next;
    return places;
  }

  #create(label: string, spec: PeerSpec, places: Places): Peer {
    const { flavour, generation, programs } = this.cell;
    const own = places.get(label)!;
    const launch: Launch = {
      ...{ label, spec, mesh: this.#spec, flavour, programs },
      generation: spec.generation ?? generation,
      language: languageOf(spec, this.cell),
      goOnly: isGoOnly(this.cell, this.#spec),
      identity:
        spec.sameNameAs === undefined
          ? drawIdentity(flavour, spec, label, this.random)
          : this.#peers.get(spec.sameNameAs)!.launch.identity,
      ...own,
      targets: [
        ...(spec.dials ?? []).map((target) => this.#target(places, target, spec)),
        ...(spec.targets ?? []),
      ],
      framesFile: join(this.folder, `${label}.frames.ndjson`),
      extraArguments: [],
    };
    const context: PeerContext = {
      logFile: join(this.folder, `${label}.log`),
      signal: this.#abort.signal,
      start: (start, logFile) => this.#surroundings.start(start, logFile),
      fail: (reason) => this.#abort.abort(reason),
    };
    if (spec.program === "join") return new JoinProgram(launch, context);
    if (spec.program !== undefined) return new CounterProgram(launch, context);
    return new DrivenPeer(launch, context);
  }

  #target(places: Places, label: string, spec: PeerSpec): string {
    const place = places.get(label);
    if (place === undefined) throw new Error(`no peer ${label} to dial`);
    if (spec.withoutPort === true) return place.host;
    if (place.host === "0.0.0.0")
      return `${spec.address === "ipv6" ? this.#ipv6Name() : "127.0.0.1"}:${place.port}`;
    return place.host === "::1" ? `${this.#ipv6Name()}:${place.port}` : endpointText(place);
  }

  /** A name for ::1: the original refuses a port behind brackets. */
  #ipv6Name(): string {
    if (this.#hostNames.length === 0) this.hostName("ipv6").set("::1");
    return this.#hostNames[0]!.name;
  }

  /** A host name of this mesh alone, which leads nowhere yet. */
  hostName(label: string): HostName {
    const host = new HostName(`${label}-${this.#surroundings.host(1).replaceAll(".", "-")}.interop.test`);
    this.#hostNames.push(host);
    return host;
  }

  /** Starts every peer, each after those that it dials as far as that is possible. */
  async start(): Promise<void> {
    const started = new Map<string, Promise<void>>();
    const start = (label: string): Promise<void> => {
      const known = started.get(label);
      if (known !== undefined) return known;
      const peer = this.#peers.get(label)!;
      started.set(label, Promise.resolve()); // two that dial each other: one goes first
      const before = (peer.launch.spec.dials ?? [])
        .map((target) => this.#spec.proxies?.[target] ?? target)
        .filter((target) => this.#peers.get(target)?.launch.spec.later !== true)
        .map(start);
      const running = Promise.all(before).then(() => peer.start());
      started.set(label, running);
      return running;
    };
    const first = this.peers.filter((peer) => peer.launch.spec.later !== true);
    await Promise.all(first.map((peer) => start(peer.label)));
  }

  /**
   * From now on, what peers of different groups send each other is lost without a trace; peers in no group reach
   * everybody, and without groups all do. In containers only.
   */
  partition(...groups: readonly (readonly string[])[]): Promise<void> {
    return this.#surroundings.partition(groups);
  }

  /** A proxy. */
  proxy(label: string): TcpProxy {
    const proxy = this.#proxies.get(label);
    if (proxy === undefined) throw new Error(`no proxy ${label} in this scenario`);
    return proxy;
  }

  /** The addresses behind which there are Go peers. */
  get goHosts(): string[] {
    const isGo = (label: string) => this.#peers.get(label)?.language === "go";
    const direct = this.peers.filter((peer) => isGo(peer.label)).map((peer) => peer.host);
    const fronts = Object.entries(this.#spec.proxies ?? {}).filter(([, target]) => isGo(target));
    return [...direct, ...fronts.map(([label]) => this.proxy(label).address.host)];
  }

  /** The labels of all proxies. */
  get proxyLabels(): readonly string[] {
    return [...this.#proxies.keys()];
  }

  /** All proxies. */
  get proxies(): readonly TcpProxy[] {
    return [...this.#proxies.values()];
  }

  /** A neighbour without a router, from an address of its own; it is closed with the mesh. */
  async rawPeer(target: string): Promise<RawPeer> {
    const { flavour } = this.cell;
    const name = PeerName.fromBytes(this.random.bytes(flavour === "mac" ? 6 : 16), flavour);
    const own = this.#surroundings.host(this.#nextHost++);
    const localHost = this.#surroundings.ownsAddresses ? own : undefined;
    const { host, port } = this.#peers.get(target)!.launch;
    const peer = await RawPeer.dial(
      { host, port },
      { name, flavour, localHost, password: this.#spec.password },
    );
    this.#rawPeers.push(peer);
    return peer;
  }

  /**
   * Go peers of 2018 pass on gossip, with which newer peers announce their changes, to log2 of the mesh's size of
   * neighbours only. The others hear of it from a complete gossip, every 30 s, to as few.
   */
  #patience(withinMs = 10_000): number {
    return this.cell.generation === "2018" ? Math.max(withinMs, slowGossipMs) : withinMs;
  }

  /** All peers, in the scenario's order. */
  get peers(): readonly Peer[] {
    return [...this.#peers.values()];
  }

  /** A driven peer. */
  peer(label: string): DrivenPeer {
    return this.#find(label, DrivenPeer);
  }

  /** The driven peers, in the scenario's order. */
  get drivenPeers(): readonly DrivenPeer[] {
    return this.peers.filter((peer) => peer instanceof DrivenPeer);
  }

  /** A counter program. */
  counter(label: string): CounterProgram {
    return this.#find(label, CounterProgram);
  }

  /** A `weave-mesh join`. */
  join(label: string): JoinProgram {
    return this.#find(label, JoinProgram);
  }

  #find<P extends Peer>(label: string, kind: new (...parameters: never[]) => P): P {
    const peer = this.#peers.get(label);
    if (!(peer instanceof kind)) throw new Error(`no ${kind.name} ${label} in this scenario`);
    return peer;
  }

  /** The address at which a peer or a proxy is dialled. */
  addressOf(label: string): string {
    return endpointText(this.#proxies.get(label)?.address ?? this.peer(label).launch);
  }

  /** Waits for a condition of the scenario's own; see `until`. */
  until(what: string, withinMs: number, probe: () => Promise<string | undefined> | string | undefined) {
    return until(what, { withinMs, signal: this.#abort.signal }, probe);
  }

  /**
   * Waits until all running peers agree (see `disagreement`), and with exactly the given connections if there
   * are any, or "full" for one between every two. Default deadline: 10 s; see `#patience` for Go peers of 2018. `among`: only these are there.
   */
  async agree(
    options: { connections?: readonly Edge[] | "full"; withinMs?: number; among?: readonly string[] } = {},
  ): Promise<void> {
    const { among } = options;
    const live = this.peers.filter((peer) => peer.running && (among?.includes(peer.label) ?? true));
    const edges = options.connections === "full" ? allPairs(live) : options.connections;
    await this.until("all peers agree", this.#patience(options.withinMs), async () => {
      const views = live.map(async (peer) => {
        return { label: peer.label, name: peer.name, status: await peer.status() };
      });
      return disagreement(await Promise.all(views), edges);
    });
  }

  /** Waits until all running peers, or those `among` them, show this count; within 10 s, as `agree`. */
  async counted(channel: string, total: number, withinMs?: number, among?: readonly string[]): Promise<void> {
    const peers = this.drivenPeers.filter((peer) => peer.running && (among?.includes(peer.label) ?? true));
    await this.until(`every counter shows ${total}`, this.#patience(withinMs), async () => {
      for (const peer of peers) {
        const count = await peer.control.count(channel);
        if (count !== total) return `${peer.label} shows ${count}`;
      }
      return undefined;
    });
  }

  /** What the TypeScript peers have recorded of one part of their conversations, each piece by itself. */
  async recorded(direction: "in" | "out", part: RecordedPiece["part"]): Promise<Uint8Array[]> {
    const peers = this.drivenPeers.filter(({ language }) => language === "ts");
    const files = await Promise.all(peers.map((peer) => readFile(peer.launch.framesFile, "utf8")));
    return files
      .flatMap((text) => text.split("\n"))
      .filter((line) => line.endsWith("}"))
      .map((line) => JSON.parse(line) as RecordedPiece)
      .filter((piece) => piece.direction === direction && piece.part === part)
      .map(({ hex }) => new Uint8Array(Buffer.from(hex, "hex")));
  }

  /** Lets time pass in which nothing should happen. */
  async rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#abort.signal });
  }

  /** Sends unicast, broadcast and gossip from each of these peers to all others of them; see `exchange`. */
  exchange(channel: string, labels: readonly string[], options: ExchangeOptions = {}): Promise<void> {
    return exchange(
      this,
      channel,
      labels.map((label) => this.peer(label)),
      options,
    );
  }

  /** Asks every running peer to leave, and checks that each does so properly. */
  async stop(): Promise<void> {
    await Promise.all(this.peers.filter((peer) => peer.running).map((peer) => peer.stop()));
    this.#abort.signal.throwIfAborted();
  }

  /** Ends whatever still runs and gives the addresses back. */
  async destroy(): Promise<void> {
    for (const name of this.#hostNames) name.remove();
    for (const peer of this.#rawPeers) peer.close();
    await Promise.all(this.peers.filter((peer) => peer.running).map((peer) => peer.kill()));
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
    await this.#surroundings.release();
  }

  /** Makes every wait of the scenario end with this reason. */
  fail(reason: Error): void {
    this.#abort.abort(reason);
  }

  /** Settles, with an error, when the mesh fails. */
  get failure(): Promise<never> {
    const { signal } = this.#abort;
    return new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }
}

function allPairs(peers: readonly Peer[]): Edge[] {
  return peers.flatMap((a, i) => peers.slice(i + 1).map((b): Edge => [a.label, b.label]));
}
