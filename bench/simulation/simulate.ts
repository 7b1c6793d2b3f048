import { PeerName, Router } from "../../src/index.ts";
import { MemoryNetwork, seededRandom, VirtualClock } from "../../src/testing.ts";
import { Agreement } from "./agreement.ts";
import { OriginalRules } from "./original-rules.ts";
import { SentMessages } from "./sent-messages.ts";
import { linksOf, type Shape } from "./shape.ts";
import { wireMemory } from "./wire-memory.ts";

/** What a mesh is like. */
export interface MeshOptions {
  readonly shape: Shape;
  readonly size: number;
  /** Over how much virtual time the peers start, one after the other; 0: all at once. */
  readonly startSeconds: number;
  /** What each host can send, over all its connections together. */
  readonly megabytesPerSecond: number;
  /** What a connection holds in each direction beside its sender's queue. */
  readonly windowKiB: number;
  readonly limitSeconds: number;
}

/** What a mesh took until all peers knew the same. */
export interface Outcome extends MeshOptions {
  readonly connections: number;
  /** Of virtual time, from the start of the first router. */
  readonly seconds: number;
  readonly messagesPerPeer: number;
  readonly bytesPerPeer: number;
  /** By the original's rules without merging; see OriginalRules. */
  readonly originalMessagesPerPeer: number;
  readonly originalBytesPerPeer: number;
  /** Of these, the messages and bytes that tell a new neighbour everything. */
  readonly completeMessagesPerPeer: number;
  readonly completeBytesPerPeer: number;
  /** Of this process, asking for agreement included. */
  readonly cpuSecondsPerPeer: number;
  /** The most that was resident at any time. */
  readonly residentBytes: number;
}

const latencyMs = 20;
/** Each message arrives in one piece if the window has room for it, so that no receiver has to put it together. */
const pieceBytes = 16 * 1024 * 1024;
/** How often it is asked whether all agree; virtual. */
const stepMs = 100;

/** How far a mesh has come. */
export interface Progress {
  /** Of virtual time. */
  readonly seconds: number;
  /** Sent by all peers together. */
  readonly messages: number;
  readonly bytes: number;
  readonly cpuSeconds: number;
}

/**
 * Starts the routers and lets virtual time pass until they agree; undefined if they do not in time. Once in a process.
 * `progressed` is called after each step.
 */
export async function simulate(
  options: MeshOptions,
  progressed: (progress: Progress) => void = () => {},
): Promise<Outcome | undefined> {
  const { shape, size, startSeconds, limitSeconds } = options;
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const random = seededRandom(`${shape} ${size}`);
  const network = new MemoryNetwork({
    clock,
    random,
    link: { latencyMs },
    hostBytesPerSecond: options.megabytesPerSecond * 1e6,
    windowBytes: options.windowKiB * 1024,
    splitChunks: false,
    segmentBytes: pieceBytes,
    readBytes: pieceBytes,
    allocate: wireMemory(),
  });
  const ip = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  const { dialled, degrees } = linksOf(shape, size);
  const sent = new SentMessages();
  const original = new OriginalRules(Math.max(1, size >> 3));
  original.observe();
  const routers = Array.from(
    { length: size },
    (_, i) =>
      new Router({
        name: PeerName.fromUint(i + 1),
        nickname: `peer-${i}`,
        clock,
        random,
        transport: sent.over(network.host(ip(i + 1))),
        peerDiscovery: shape === "full",
      }),
  );
  const agreement = new Agreement(routers, new Map(routers.map(({ name }, i) => [name, degrees[i]!])));
  const before = process.cpuUsage();
  const startMs = clock.now();
  for (const [i, router] of routers.entries()) {
    clock.setTimeout(
      async () => {
        await router.start();
        router.connect(dialled[i]!.map((target) => ip(target + 1)));
      },
      (startSeconds * 1000 * i) / size,
    );
  }
  while (clock.now() - startMs < limitSeconds * 1000) {
    await clock.advance(stepMs);
    const seconds = (clock.now() - startMs) / 1000;
    progressed({ seconds, messages: sent.messages, bytes: sent.bytes, cpuSeconds: cpuSecondsSince(before) });
    if (seconds < startSeconds || !agreement.reached()) continue;
    return {
      ...options,
      connections: degrees.reduce((sum, degree) => sum + degree, 0) / 2,
      seconds,
      messagesPerPeer: sent.messages / size,
      bytesPerPeer: sent.bytes / size,
      originalMessagesPerPeer: original.messages / size,
      originalBytesPerPeer: original.bytes / size,
      completeMessagesPerPeer: original.complete.messages / size,
      completeBytesPerPeer: original.complete.bytes / size,
      cpuSecondsPerPeer: cpuSecondsSince(before) / size,
      residentBytes: process.resourceUsage().maxRSS * 1024,
    };
  }
  return undefined;
}

/** Processor time of this process since then. */
function cpuSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
