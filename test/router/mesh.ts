import type { ExecutionContext } from "ava";
import {
  type Channel,
  type Gossiper,
  PeerName,
  Router,
  type RouterOptions,
  SurrogateData,
} from "../../src/index.ts";
import { MemoryNetwork, seededRandom, VirtualClock } from "../../src/testing.ts";

/** A peer of a test: its router, and what it logged and received. */
export interface TestPeer {
  readonly router: Router;
  readonly name: PeerName;
  readonly ip: string;
  readonly log: string[];
  /** Types of the events that came, with the code of the error in those that carry one. */
  readonly events: string[];
}

/** Routers on an in-memory network, on a clock that moves when told to. */
export class TestMesh {
  readonly clock = new VirtualClock(Date.UTC(2026, 0, 1));
  readonly random;
  readonly network: MemoryNetwork;
  readonly peers: TestPeer[] = [];

  constructor(seed: string, options: { latencyMs?: number; windowBytes?: number } = {}) {
    this.random = seededRandom(seed);
    this.network = new MemoryNetwork({
      clock: this.clock,
      random: this.random,
      link: { latencyMs: options.latencyMs ?? 1 },
      ...(options.windowBytes === undefined ? {} : { windowBytes: options.windowBytes }),
    });
  }

  /** A router named by its number, at 10.0.0.NUMBER, not yet started. */
  make(number: number, options: Partial<RouterOptions> = {}): TestPeer {
    const ip = `10.0.0.${number}`;
    const name = options.name ?? PeerName.parse(`::${number.toString(16)}`);
    const log: string[] = [];
    const write = (message: string): void => void log.push(message);
    const router = new Router({
      name,
      nickname: `peer-${number}`,
      port: 6783,
      transport: this.network.host(ip),
      clock: this.clock,
      random: this.random,
      logger: { debug: write, info: write, warn: write, error: write },
      ...options,
    });
    const events: string[] = [];
    for (const type of ["peeradded", "peerremoved", "connectionestablished"] as const) {
      router.addEventListener(type, () => events.push(type));
    }
    for (const type of ["connectionclosed", "error"] as const) {
      router.addEventListener(type, ({ detail: { error } }) => {
        events.push(`${type} ${(error as Error & { code?: string }).code}`);
      });
    }
    const peer = { router, name, ip, log, events };
    this.peers.push(peer);
    return peer;
  }

  /** A router that has been started. */
  async start(number: number, options: Partial<RouterOptions> = {}): Promise<TestPeer> {
    const peer = this.make(number, options);
    await peer.router.start();
    return peer;
  }

  /** Stops a router, letting time pass while it does. */
  async stop(peer: TestPeer): Promise<void> {
    const stopped = peer.router.stop();
    await this.clock.advance(6_000);
    await stopped;
  }

  /** Waits, on the virtual clock, until something holds; fails with what else is known if it does not. */
  async until(t: ExecutionContext, what: string, condition: () => boolean, limitMs = 60_000): Promise<void> {
    const holds = await this.clock.runUntil(condition, limitMs);
    if (!holds) for (const { ip, log } of this.peers) t.log(ip, log.slice(-10).join("\n"));
    t.true(holds, what);
  }

  /** Waits until all peers agree on the peers and their connections, all established and symmetric, and have routes. */
  async untilAgreed(
    t: ExecutionContext,
    peers: readonly TestPeer[] = this.peers,
    limitMs = 60_000,
  ): Promise<void> {
    await this.until(t, "all peers agree", () => agreed(peers) && peers.every(routed), limitMs);
  }
}

/** What a peer's status says of the mesh, in a form that can be compared; undefined if a connection is one-sided. */
function view({ router }: TestPeer): string | undefined {
  const { peers } = router.status();
  const records = peers.map(({ name, uid, version }) => `${name} ${uid} ${version}`).sort();
  const links = new Set<string>();
  for (const peer of peers) {
    for (const { name, established } of peer.connections) if (established) links.add(`${peer.name}-${name}`);
    if (peer.connections.some(({ established }) => !established)) return undefined;
  }
  for (const link of links) if (!links.has(link.split("-").reverse().join("-"))) return undefined;
  return JSON.stringify([records, [...links].sort()]);
}

/** Whether the routes have followed, which takes up to 100 ms. */
function routed({ router }: TestPeer): boolean {
  const { peers, unicastRoutes } = router.status();
  return unicastRoutes.length === peers.length;
}

/** Whether all peers have the same view, each other's names in it. */
export function agreed(peers: readonly TestPeer[]): boolean {
  const views = new Set(peers.map(view));
  return (
    views.size === 1 &&
    !views.has(undefined) &&
    peers.every(({ router }) => router.peers().length >= peers.length)
  );
}

/** What a recording gossiper received, as `KIND SOURCE TEXT` (gossip has no source). */
export interface Recorder {
  readonly received: string[];
  readonly channel: Channel<SurrogateData>;
}

/** Registers a gossiper that writes down what it receives, and relays it. */
export function record(
  peer: TestPeer,
  channel: string,
  overrides: Partial<Gossiper<SurrogateData>> = {},
): Recorder {
  const received: string[] = [];
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const known = new Set<string>();
  const gossiper: Gossiper<SurrogateData> = {
    onUnicast: (source, message) => void received.push(`unicast ${source} ${text(message)}`),
    onBroadcast: (source, update) => {
      received.push(`broadcast ${source} ${text(update)}`);
      return SurrogateData.of(update);
    },
    gossip: () => undefined,
    onGossip: (update) => {
      if (known.has(text(update))) return undefined;
      known.add(text(update));
      received.push(`gossip ${text(update)}`);
      return SurrogateData.of(update);
    },
    ...overrides,
  };
  return { received, channel: peer.router.channel(channel, gossiper) };
}

/** Data of one message. */
export function data(text: string): SurrogateData {
  return SurrogateData.of(new TextEncoder().encode(text));
}

/** Bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
