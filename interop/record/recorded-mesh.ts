import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  type RecordedSession,
  RecordingProxy,
  type SessionHeader,
  type SessionRecord,
} from "../../src/capture/index.ts";
import { tcpTransport } from "../../src/transport/index.ts";
import type { VersionRange } from "../../src/wire/index.ts";
import type { Received } from "../driver/control-client.ts";
import { buildGo, type Flavour, type Generation, generations, goBinary } from "../driver/go-build.ts";
import { buildFolder as interopBuildFolder } from "../driver/paths.ts";
import { PeerProcess } from "../driver/peer-process.ts";
import { allocateSubnet, meshPort, type Subnet } from "../driver/subnet.ts";
import { until } from "../driver/wait.ts";
import { identityOf } from "../runner/names.ts";
import { CounterProgram, DrivenPeer, type Peer, type PeerContext } from "../runner/peer.ts";
import { argumentsOf, type Launch } from "../runner/programs.ts";
import { completeSession, type PeerSecrets } from "./complete.ts";

const patienceMs = 20_000;

/** The folder for logs, keys and captures; git ignores it. */
export const buildFolder = join(interopBuildFolder, "record");

/** Builds the Go programs that are recorded. @throws Error with the compiler's output. */
export async function buildAll(): Promise<void> {
  await mkdir(buildFolder, { recursive: true });
  for (const generation of Object.keys(generations) as Generation[]) {
    for (const flavour of ["mac", "hash"] as const) await buildGo("go-peer", flavour, generation);
  }
  await buildGo("seeded-counter");
}

/** A Go peer of a recording. */
export interface PeerOptions {
  /** The text that the name is made of; default the number as a MAC address or in a text. */
  readonly name?: string;
  readonly generation?: Generation;
  readonly flavour?: Flavour;
  /** `undefined` is no password. */
  readonly password?: string;
  /** The channels that keep what is gossiped on them. */
  readonly channels?: readonly string[];
  readonly uid?: bigint;
  /**
   * Peers of the same seed draw the same short ID. Default the name of the recording and the number. After "=", the seed
   * stays the same when the peer is started again.
   */
  readonly seed?: string;
  readonly trustedSubnet?: boolean;
}

/** A mesh of Go peers on a loopback subnet, with a recording proxy in front of each. */
export class RecordedMesh {
  readonly name: string;
  readonly #subnet: Subnet;
  readonly #versions: VersionRange | undefined;
  readonly #peers: Peer[] = [];
  readonly #numbers = new Map<Peer, number>();
  readonly #proxies = new Map<number, RecordingProxy>();
  readonly #sessions: { header: SessionHeader; records: SessionRecord[] }[] = [];
  readonly #secrets: PeerSecrets[] = [];
  readonly #abort = new AbortController();

  private constructor(name: string, subnet: Subnet, versions: VersionRange | undefined) {
    this.name = name;
    this.#subnet = subnet;
    this.#versions = versions;
  }

  /** A mesh without peers. `versions` replaces the versions that each side offers. */
  static async create(name: string, versions?: VersionRange): Promise<RecordedMesh> {
    return new RecordedMesh(name, await allocateSubnet(), versions);
  }

  /** The address of the peer with this number. */
  host(number: number): string {
    return this.#subnet.host(number);
  }

  /** The address of the proxy in front of a peer. */
  address(number: number): string {
    return `${this.#subnet.host(100 + number)}:${meshPort}`;
  }

  /** Starts a peer, and the proxy in front of it unless an earlier peer of this number has one. */
  async start(number: number, options: PeerOptions = {}): Promise<DrivenPeer> {
    const { flavour = "mac", generation = "2019", password } = options;
    const name =
      options.name ??
      (flavour === "mac" ? `00:00:00:00:00:${number.toString(16).padStart(2, "0")}` : `peer ${number}`);
    const launch: Launch = {
      ...this.#launch(number, flavour, generation),
      mesh: { password, peers: {} },
      spec: {
        channels: [],
        discovery: false,
        connectionLimit: 0,
        ...(options.uid !== undefined && { uid: options.uid }),
        ...(options.trustedSubnet && { trustedSubnets: ["127.0.0.0/8"] }),
      },
      identity: identityOf(flavour, name),
      extraArguments: (options.channels ?? []).map((channel) => `--state=${channel}`),
    };
    const binary = goBinary("go-peer", flavour, generation);
    return this.#add(number, DrivenPeer, launch, binary, options.seed, {
      ...{ password: password ?? null, program: "interop/go-peer" },
    });
  }

  /** Starts the original's counter example, which dials others through their proxies. */
  async startCounter(number: number, dials: readonly number[]): Promise<CounterProgram> {
    const launch: Launch = {
      ...this.#launch(number, "mac", "2019"),
      mesh: { peers: {} },
      spec: { program: "original-counter" },
      identity: identityOf("mac", `00:00:00:00:00:${number.toString(16).padStart(2, "0")}`),
      targets: dials.map((other) => this.address(other)),
      extraArguments: [],
    };
    return this.#add(number, CounterProgram, launch, goBinary("seeded-counter"), undefined, {
      ...{ password: "", program: "increment-only-counter" },
    });
  }

  #launch(number: number, flavour: Flavour, generation: Generation) {
    return {
      ...({ label: `go-${number}`, flavour, generation, language: "go", goOnly: true } as const),
      ...{ host: this.host(number), port: meshPort, targets: [] as readonly string[] },
      ...{ programs: { tree: "" }, framesFile: "" },
    };
  }

  async #add<P extends Peer>(
    number: number,
    kind: new (launch: Launch, context: PeerContext) => P,
    launch: Launch,
    binary: string,
    seed: string | undefined,
    origin: Pick<PeerSecrets, "password" | "program">,
  ): Promise<P> {
    const run = this.#peers.length;
    const file = join(buildFolder, `${this.name}-${number}-${run}`);
    const keyFile = `${file}.keys`;
    await Promise.all([keyFile, `${file}.log`].map((old) => rm(old, { force: true })));
    const environment = {
      MESH_SEED: seed?.startsWith("=") ? seed.slice(1) : `${seed ?? `${this.name} ${number}`} ${run}`,
      MESH_KEYS: keyFile,
    };
    const peer = new kind(launch, {
      logFile: `${file}.log`,
      signal: this.#abort.signal,
      start: async (_, log) =>
        new PeerProcess({ file: binary, arguments: argumentsOf(launch), environment }, log),
      fail: (reason) => this.#abort.abort(reason),
    });
    this.#peers.push(peer);
    this.#numbers.set(peer, number);
    this.#secrets.push({ ...origin, keyFile, host: launch.host, generation: launch.generation });
    await peer.start();
    if (!this.#proxies.has(number)) this.#proxies.set(number, await this.#proxy(number));
    return peer;
  }

  /** Has one peer dial another through the proxy, and waits until it sees the connection established. */
  async connect(from: DrivenPeer, to: DrivenPeer, wait = true): Promise<void> {
    const address = this.address(this.#numbers.get(to)!);
    await dial(from, [address]);
    if (!wait) return;
    const pending = new Set(["connecting", "failed", "retrying"]);
    await this.until(`${from.label} connects to ${to.label}`, async () => {
      const { Connections } = await from.status();
      return (Connections ?? []).some(({ Address, State }) => Address === address && !pending.has(State));
    });
  }

  /** Waits until a peer has received a message that fits. */
  async received(peer: DrivenPeer, what: string, fits: (message: Received) => boolean): Promise<void> {
    await this.until(`${peer.label} receives ${what}`, async () =>
      (await peer.control.received()).some(fits),
    );
  }

  /** Waits until so many sessions have begun. */
  async sessions(count: number): Promise<void> {
    await this.until(`${count} sessions`, async () => this.#sessions.length >= count);
  }

  /** Waits until so many sessions have ended. */
  async ended(count: number): Promise<void> {
    const hasEnded = ({ records }: { records: readonly SessionRecord[] }) =>
      records.filter((record) => "end" in record).length === 2;
    await this.until(`${count} ended sessions`, async () => this.#sessions.filter(hasEnded).length >= count);
  }

  /** Waits for a condition, 20 s at most. */
  until(what: string, condition: () => Promise<boolean>): Promise<void> {
    return until(what, { withinMs: patienceMs, signal: this.#abort.signal }, async () =>
      (await condition()) ? undefined : "not yet",
    );
  }

  /** Ends all peers and proxies; returns the sessions, with all that is known about them. */
  async finish(title: string): Promise<RecordedSession[]> {
    for (const peer of this.#peers) if (peer.running) await peer.stop();
    await pause(50);
    for (const proxy of this.#proxies.values()) await proxy.stop();
    await pause(50);
    await this.#subnet.release();
    return this.#sessions.map((session) =>
      completeSession(session, this.#secrets, title, this.#versions !== undefined),
    );
  }

  async #proxy(number: number): Promise<RecordingProxy> {
    return RecordingProxy.start({
      transport: tcpTransport,
      listen: { host: this.#subnet.host(100 + number), port: meshPort },
      to: { host: this.#subnet.host(number), port: meshPort },
      now: () => performance.timeOrigin + performance.now(),
      versions: this.#versions,
      open: (header) => {
        const session = { header, records: [] as SessionRecord[] };
        this.#sessions.push(session);
        return { record: (record) => void session.records.push(record), closed() {} };
      },
    });
  }
}

/** Has a peer dial addresses. @throws Error with the first refusal. */
export async function dial(peer: DrivenPeer, addresses: readonly string[]): Promise<void> {
  const [refusal] = await peer.control.connect(addresses);
  if (refusal !== undefined) throw new Error(`${peer.label}: ${refusal}`);
}

/** The peers of a peer's status that have connections. */
export async function describedPeers(peer: DrivenPeer): Promise<number> {
  const { Peers } = await peer.status();
  return Peers.filter(({ Connections }) => (Connections ?? []).length > 0).length;
}
