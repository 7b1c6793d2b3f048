import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { disagreement, type Edge } from "./agreement.ts";
import { type ExchangeOptions, exchange } from "./exchange.ts";
import { drawIdentity } from "./names.ts";
import { isGoOnly, languageOf } from "./needs.ts";
import { CounterProgram, DrivenPeer, JoinProgram, type Peer, type PeerContext } from "./peer.ts";
import type { Launch } from "./programs.ts";
import { SeededRandom } from "./random.ts";
import type { Cell, MeshSpec, PeerSpec } from "./scenario.ts";
import { allocateSubnet, meshPort, type Subnet } from "./subnet.ts";
import { until } from "./wait.ts";

/** The running mesh of one cell, as a scenario sees it. */
export class Mesh {
  readonly cell: Cell;
  readonly random: SeededRandom;
  /** Where logs and recordings of this cell are. */
  readonly folder: string;
  readonly #spec: MeshSpec;
  readonly #subnet: Subnet;
  readonly #peers = new Map<string, Peer>();
  readonly #abort = new AbortController();

  private constructor(cell: Cell, spec: MeshSpec, subnet: Subnet, folder: string, random: SeededRandom) {
    this.cell = cell;
    this.folder = folder;
    this.random = random;
    this.#spec = spec;
    this.#subnet = subnet;
    const hosts = new Map(Object.keys(spec.peers).map((label, index) => [label, subnet.host(index + 1)]));
    for (const [label, peer] of Object.entries(spec.peers)) {
      this.#peers.set(label, this.#create(label, peer, hosts));
    }
  }

  /** Allocates a subnet and names for the peers of a cell; nothing runs yet. */
  static async prepare(cell: Cell, spec: MeshSpec, folder: string, seed: string): Promise<Mesh> {
    await mkdir(folder, { recursive: true });
    return new Mesh(cell, spec, await allocateSubnet(), folder, new SeededRandom(seed));
  }

  #create(label: string, spec: PeerSpec, hosts: ReadonlyMap<string, string>): Peer {
    const { flavour, generation } = this.cell;
    const launch: Launch = {
      ...{ label, spec, mesh: this.#spec, flavour, generation },
      language: languageOf(spec, this.cell),
      goOnly: isGoOnly(this.cell, this.#spec),
      identity: drawIdentity(flavour, spec, label, this.random),
      host: hosts.get(label)!,
      targets: (spec.dials ?? []).map((target) => this.#target(hosts, target, spec.withoutPort ?? false)),
      framesFile: join(this.folder, `${label}.frames.ndjson`),
    };
    const context: PeerContext = {
      logFile: join(this.folder, `${label}.log`),
      signal: this.#abort.signal,
      fail: (reason) => this.#abort.abort(reason),
    };
    if (spec.program === "join") return new JoinProgram(launch, context);
    if (spec.program !== undefined) return new CounterProgram(launch, context);
    return new DrivenPeer(launch, context);
  }

  #target(hosts: ReadonlyMap<string, string>, label: string, withoutPort: boolean): string {
    const host = hosts.get(label);
    if (host === undefined) throw new Error(`no peer ${label} to dial`);
    return withoutPort ? host : `${host}:${meshPort}`;
  }

  /** Starts every peer, each after those that it dials as far as that is possible. */
  async start(): Promise<void> {
    const started = new Map<string, Promise<void>>();
    const start = (label: string): Promise<void> => {
      const known = started.get(label);
      if (known !== undefined) return known;
      const peer = this.#peers.get(label)!;
      started.set(label, Promise.resolve()); // two that dial each other: one goes first
      const before = (peer.launch.spec.dials ?? []).map(start);
      const running = Promise.all(before).then(() => peer.start());
      started.set(label, running);
      return running;
    };
    await Promise.all([...this.#peers.keys()].map(start));
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

  /** The address at which a peer is dialled. */
  addressOf(label: string): string {
    const peer = this.#peers.get(label);
    if (peer === undefined) throw new Error(`no peer ${label} in this scenario`);
    return `${peer.host}:${meshPort}`;
  }

  /** Waits for a condition of the scenario's own; see `until`. */
  until(what: string, withinMs: number, probe: () => Promise<string | undefined> | string | undefined) {
    return until(what, { withinMs, signal: this.#abort.signal }, probe);
  }

  /**
   * Waits until all running peers agree (see `disagreement`): within 10 s by default, and with exactly the
   * given connections if there are any, or "full" for one between every two.
   */
  async agree(options: { connections?: readonly Edge[] | "full"; withinMs?: number } = {}): Promise<void> {
    const live = this.peers.filter((peer) => peer.running);
    const edges = options.connections === "full" ? allPairs(live) : options.connections;
    await this.until("all peers agree", options.withinMs ?? 10_000, async () => {
      const views = live.map(async (peer) => {
        return { label: peer.label, name: peer.name, status: await peer.status() };
      });
      return disagreement(await Promise.all(views), edges);
    });
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
    await Promise.all(this.peers.filter((peer) => peer.running).map((peer) => peer.kill()));
    await this.#subnet.release();
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
