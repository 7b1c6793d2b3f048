import { PeerName, Router } from "../../src/index.ts";
import { MemoryNetwork, seededRandom, VirtualClock } from "../../src/testing.ts";

/** Who connects to whom. */
export type Shape = "sparse" | "full";

/** What a mesh of this size took until all peers knew the same. */
export interface Outcome {
  readonly shape: Shape;
  readonly peers: number;
  readonly connections: number;
  /** Of virtual time, from the start of all routers at once. */
  readonly seconds: number;
  readonly messagesPerPeer: number;
  readonly bytesPerPeer: number;
  /** Of this process. */
  readonly cpuSecondsPerPeer: number;
  readonly residentBytes: number;
}

const latencyMs = 20;
/** How often it is asked whether all agree; virtual. */
const stepMs = 100;

/** Whom each peer dials. Sparse is a ring with one random chord from each; in a full mesh discovery does the rest. */
function targets(shape: Shape, size: number): number[][] {
  const random = seededRandom(`links of ${size}`);
  return Array.from({ length: size }, (_, i) => {
    if (shape === "full") return i === 0 ? [] : [0];
    return [...new Set([(i + 1) % size, random.int(size)])].filter((target) => target !== i);
  });
}

/** How many connections each peer has in the end. */
function degrees(shape: Shape, size: number, dialled: readonly (readonly number[])[]): number[] {
  if (shape === "full") return Array<number>(size).fill(size - 1);
  const links = Array.from({ length: size }, () => new Set<number>());
  for (const [i, ends] of dialled.entries()) {
    for (const j of ends) {
      links[i]!.add(j);
      links[j]!.add(i);
    }
  }
  return links.map(({ size: degree }) => degree);
}

/** Starts `size` routers at once and lets virtual time pass until they agree; undefined if they do not in `limitSeconds`. */
export async function simulate(shape: Shape, size: number, limitSeconds = 120): Promise<Outcome | undefined> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const random = seededRandom(`${shape} ${size}`);
  const network = new MemoryNetwork({ clock, random, link: { latencyMs }, splitChunks: false });
  const ip = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  const name = (i: number): PeerName => PeerName.fromUint(i + 1);
  const dialled = targets(shape, size);
  const degree = new Map(degrees(shape, size, dialled).map((count, i) => [name(i), count]));
  let messages = 0;
  const routers = Array.from(
    { length: size },
    (_, i) =>
      new Router({
        name: name(i),
        nickname: `peer-${i}`,
        clock,
        random,
        transport: network.host(ip(i + 1)),
        peerDiscovery: shape === "full",
        onFrame: ({ direction, part }) => {
          if (direction === "out" && part === "message") messages++;
        },
      }),
  );
  const before = process.cpuUsage();
  const startMs = clock.now();
  for (const [i, router] of routers.entries()) {
    await router.start();
    router.connect(dialled[i]!.map((target) => ip(target + 1)));
  }
  let lastToAgree = 0;
  const agreed = (): boolean => {
    // The one that disagreed last is asked first: until shortly before the end that settles it.
    for (let k = 0; k < size; k++) {
      const i = (lastToAgree + k) % size;
      if (knowsAll(routers[i]!, degree)) continue;
      lastToAgree = i;
      return false;
    }
    return true;
  };
  while (clock.now() - startMs < limitSeconds * 1000) {
    await clock.advance(stepMs);
    if (!agreed()) continue;
    const { user, system } = process.cpuUsage(before);
    let bytes = 0;
    for (let i = 0; i < size; i++) bytes += network.traffic(ip(i + 1)).sentBytes;
    return {
      shape,
      peers: size,
      connections: [...degree.values()].reduce((sum, count) => sum + count, 0) / 2,
      seconds: (clock.now() - startMs) / 1000,
      messagesPerPeer: messages / size,
      bytesPerPeer: bytes / size,
      cpuSecondsPerPeer: (user + system) / 1e6 / size,
      residentBytes: process.memoryUsage.rss(),
    };
  }
  return undefined;
}

/** Whether a router knows every peer with all its connections, all established. */
function knowsAll(router: Router, degree: ReadonlyMap<PeerName, number>): boolean {
  const peers = router.peers();
  if (peers.length !== degree.size) return false;
  if (peers.some(({ name, connectionCount }) => connectionCount !== degree.get(name))) return false;
  return router
    .status()
    .peers.every(({ connections }) => connections.every(({ established }) => established));
}
