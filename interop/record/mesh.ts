import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  type RecordedSession,
  RecordingProxy,
  type SessionHeader,
  type SessionRecord,
} from "../../src/capture/index.ts";
import { tcpTransport } from "../../src/transport/index.ts";
import type { VersionRange } from "../../src/wire/index.ts";
import { allocateSubnet, type Subnet } from "../driver/subnet.ts";
import { buildFolder, counterBinary, type Flavour, type Generation, peerBinary } from "./build.ts";
import { completeSession, type PeerSecrets } from "./complete.ts";

const meshPort = 6783;
const patienceMs = 20_000;

export interface PeerOptions {
  /** Becomes the name; by default the number as a MAC address or a text. */
  readonly name?: string;
  readonly nickname?: string;
  readonly generation?: Generation;
  readonly flavour?: Flavour;
  /** Undefined is none. */
  readonly password?: string;
  readonly channels?: string;
  readonly uid?: string;
  /** Peers of the same seed draw the same short ID. By default the name of the recording and the number. */
  readonly seed?: string;
  readonly trustedSubnet?: boolean;
  /** The original's counter example in place of the peer; `connect` must be given at the start then. */
  readonly counter?: { readonly dials: readonly number[] };
}

export interface PeerEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** A running Go peer. */
export class Peer {
  readonly number: number;
  readonly options: PeerOptions;
  readonly name: string;
  readonly keyFile: string;
  readonly events: PeerEvent[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #changed = (): void => {};

  constructor(number: number, options: PeerOptions, name: string, keyFile: string, child: ChildProcess) {
    this.number = number;
    this.options = options;
    this.name = name;
    this.keyFile = keyFile;
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once("exit", () => resolve()));
    createInterface({ input: child.stdout! }).on("line", (line) => {
      if (!line.startsWith("{")) return;
      this.events.push(JSON.parse(line) as PeerEvent);
      this.#changed();
    });
  }

  /** Waits for an event that fits, beginning with those that have come. */
  async event(description: string, fits: (event: PeerEvent) => boolean): Promise<PeerEvent> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const found = this.events.find(fits);
      if (found !== undefined) return found;
      const left = deadline - Date.now();
      if (left <= 0 || this.#child.exitCode !== null) {
        throw new Error(`peer ${this.number}: no ${description} (${JSON.stringify(this.events.slice(-3))})`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 200));
        this.#changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Has the peer do something and waits for its answer. */
  async do(what: string, fields: Record<string, unknown> = {}): Promise<PeerEvent> {
    const answered = this.events.filter(isAnswer).length;
    this.#child.stdin!.write(`${JSON.stringify({ do: what, ...fields })}\n`);
    await this.event(`answer to ${what}`, () => this.events.filter(isAnswer).length > answered);
    const answer = this.events.filter(isAnswer)[answered]!;
    if (answer.event === "refused") throw new Error(`peer ${this.number}: ${what}: ${String(answer.reason)}`);
    return answer;
  }

  /** Ends the peer: in peace at the end of its input, or by SIGKILL. */
  async stop(signal?: "SIGKILL" | "SIGTERM"): Promise<void> {
    if (signal === undefined) this.#child.stdin!.end();
    else this.#child.kill(signal);
    await this.#ended;
  }
}

function isAnswer({ event }: PeerEvent): boolean {
  return event === "done" || event === "refused";
}

/** A mesh of Go peers on a loopback subnet, with a recording proxy in front of each. */
export class RecordedMesh {
  readonly name: string;
  readonly #subnet: Subnet;
  readonly #versions: VersionRange | undefined;
  readonly #peers: Peer[] = [];
  readonly #proxies = new Map<number, RecordingProxy>();
  readonly #sessions: { header: SessionHeader; records: SessionRecord[] }[] = [];
  readonly #secrets: PeerSecrets[] = [];

  private constructor(name: string, subnet: Subnet, versions: VersionRange | undefined) {
    this.name = name;
    this.#subnet = subnet;
    this.#versions = versions;
  }

  static async create(name: string, versions?: VersionRange): Promise<RecordedMesh> {
    return new RecordedMesh(name, await allocateSubnet(), versions);
  }

  /** The address of a peer of whatever kind. */
  host(number: number): string {
    return this.#subnet.host(number);
  }

  /** Where the proxy in front of a peer listens. */
  address(number: number): string {
    return `${this.#subnet.host(100 + number)}:${meshPort}`;
  }

  /** Starts a peer, and the proxy in front of it unless it has one from an earlier life. */
  async start(number: number, options: PeerOptions = {}): Promise<Peer> {
    const { flavour = "mac", generation = "58dbcc3", seed = `${this.name} ${number}` } = options;
    const name =
      options.name ??
      (flavour === "mac" ? `00:00:00:00:00:${number.toString(16).padStart(2, "0")}` : `peer ${number}`);
    const host = this.#subnet.host(number);
    const life = this.#peers.length;
    const keyFile = join(buildFolder, `${this.name}-${number}-${life}.keys`);
    rmSync(keyFile, { force: true });
    const nickname = options.nickname ?? `go-${number}`;
    const mesh = `${host}:${meshPort}`;
    const flags = options.counter
      ? [
          "-hwaddr",
          name,
          "-nickname",
          nickname,
          "-mesh",
          mesh,
          "-http",
          `${host}:8080`,
          ...options.counter.dials.flatMap((peer) => ["-peer", this.address(peer)]),
        ]
      : [
          "-name",
          name,
          "-nickname",
          nickname,
          "-mesh",
          mesh,
          ...(options.password === undefined ? [] : ["-password", options.password]),
          ...(options.channels === undefined ? [] : ["-channels", options.channels]),
          ...(options.uid === undefined ? [] : ["-uid", options.uid]),
          ...(options.trustedSubnet ? ["-trusted-subnet", "127.0.0.0/8"] : []),
        ];
    const child = spawn(options.counter ? counterBinary : peerBinary(generation, flavour), flags, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, MESH_SEED: `${seed} ${life}`.replace(/^=(\S+) \d+$/, "$1"), MESH_KEYS: keyFile },
    });
    child.stderr.pipe(createWriteStream(join(buildFolder, `${this.name}-${number}-${life}.log`)));
    const peer = new Peer(number, options, name, keyFile, child);
    this.#peers.push(peer);
    this.#secrets.push({
      keyFile,
      host,
      password: options.counter ? "" : (options.password ?? null),
      generation,
      program: options.counter ? "increment-only-counter" : "interop/record/peer",
    });
    if (options.counter === undefined) await peer.event("ready", ({ event }) => event === "ready");
    if (!this.#proxies.has(number)) this.#proxies.set(number, await this.#proxy(number));
    return peer;
  }

  /** Has one peer dial another through the proxy, and waits until both see the connection established. */
  async connect(from: Peer, to: Peer, wait = true): Promise<void> {
    await from.do("connect", { peers: [this.address(to.number)] });
    if (!wait) return;
    await until(`${from.number} connects to ${to.number}`, async () => {
      const { status } = (await from.do("status")) as unknown as { status: GoStatus };
      return (status.Connections ?? []).some(
        ({ Address, State }) =>
          Address === this.address(to.number) &&
          State !== "connecting" &&
          State !== "failed" &&
          State !== "retrying",
      );
    });
  }

  /** Waits until so many sessions have begun. */
  async sessions(count: number): Promise<void> {
    await until(`${count} sessions`, async () => this.#sessions.length >= count);
  }

  /** Waits until so many sessions have ended. */
  async ended(count: number): Promise<void> {
    await until(
      `${count} ended sessions`,
      async () =>
        this.#sessions.filter(({ records }) => records.filter((record) => "end" in record).length === 2)
          .length >= count,
    );
  }

  /** Ends all peers and proxies; the sessions, with what is known about them. */
  async finish(title: string): Promise<RecordedSession[]> {
    for (const peer of this.#peers) await peer.stop(peer.options.counter ? "SIGTERM" : undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const proxy of this.#proxies.values()) await proxy.stop();
    await new Promise((resolve) => setTimeout(resolve, 50));
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

interface GoStatus {
  readonly Connections: readonly { readonly Address: string; readonly State: string }[] | null;
  readonly Peers: readonly { readonly Name: string; readonly Connections: readonly unknown[] | null }[];
}

/** The peers of a status that are described, with the number of their connections. */
export async function describedPeers(peer: Peer): Promise<number> {
  const { status } = (await peer.do("status")) as unknown as { status: GoStatus };
  return status.Peers.filter(({ Connections }) => (Connections ?? []).length > 0).length;
}

/** Waits for a condition. */
export async function until(description: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`in vain: ${description}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The text of a file, empty if there is none. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
