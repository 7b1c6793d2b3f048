/**
 * A process with routers, driven by the harness; the Go program in interop/go-peer does the same. Its one argument is
 * JSON: `{"routers": [{"name", "host", "port", "password", "targets", "discovery"}]}`.
 */
import { PeerName, Router } from "weave-mesh";
import { serveCommands } from "../../interop/driver/serve-commands.ts";
import { BenchGossiper } from "./bench-gossiper.ts";
import { Receiver } from "./receiver.ts";
import { broadcast, load, pings, stream } from "./senders.ts";
import { cpuMs, residentBytes } from "./usage.ts";

interface RouterConfig {
  name: string;
  host: string;
  port: number;
  password?: string;
  targets?: string[];
  discovery?: boolean;
}

const { routers: configs } = JSON.parse(process.argv[2]!) as { routers: RouterConfig[] };
const gossipers: BenchGossiper[] = [];
const routers: Router[] = [];
for (const config of configs) {
  const router = new Router({
    name: PeerName.parse(config.name),
    nickname: "bench",
    host: config.host,
    port: config.port,
    password: config.password,
    peerDiscovery: config.discovery ?? false,
  });
  const gossiper = new BenchGossiper();
  gossiper.channel = router.channel("bench", gossiper);
  gossipers.push(gossiper);
  routers.push(router);
  await router.start();
}
for (const [i, { targets }] of configs.entries()) routers[i]!.connect(targets ?? []);

/** Whether all of these are in the routes, and each known peer has `degree` established connections. */
function knows(router: Router, names: readonly string[], degree: number | undefined): boolean {
  const { unicastRoutes, peers } = router.status();
  const known = new Set<string>(unicastRoutes.map(({ dest }) => dest));
  if (!names.every((name) => known.has(name))) return false;
  if (degree === undefined) return true;
  return peers.every(
    ({ connections }) => connections.filter(({ established }) => established).length === degree,
  );
}

async function until(condition: () => boolean, everyMs = 2): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, everyMs));
}

const main = gossipers[0]!;
const name = (text: string): PeerName => PeerName.parse(text);

serveCommands({
  connect({ router, peers, replace }: { router: number; peers: string[]; replace?: boolean }) {
    const errors = routers[router]!.connect(peers, { replace: replace ?? false });
    return { errors: errors.map((error) => error.message) };
  },
  async know({ router, names, degree }: { router: number; names: string[]; degree?: number }) {
    await until(() => knows(routers[router]!, names, degree));
    return undefined;
  },
  /** Settles when each router knows exactly these peers, all of whose connections are these many. */
  async agree({ names, connections }: { names: string[]; connections: number }) {
    const expected = [...names].sort().join();
    const agrees = (router: Router): boolean => {
      const known = router.peers();
      // Most questions end here: a status makes an object of each connection.
      if (known.reduce((sum, peer) => sum + peer.connectionCount, 0) !== connections) return false;
      if (
        known
          .map((peer) => peer.name as string)
          .sort()
          .join() !== expected
      )
        return false;
      return router.status().peers.every((peer) => peer.connections.every((one) => one.established));
    };
    await until(() => routers.every(agrees), 20);
    return undefined;
  },
  expect({ size }: { size: number }) {
    main.receiver = new Receiver(size);
    return undefined;
  },
  arrived: () => main.receiver.ended(),
  async stream({ to, size, seconds }: { to: string; size: number; seconds: number }) {
    return { sent: await stream(main, name(to), size, seconds) };
  },
  broadcasts({ receivers, size, seconds }: { receivers: number; size: number; seconds: number }) {
    return broadcast(main, receivers, size, seconds);
  },
  async ping({ to, size, seconds }: { to: string; size: number; seconds: number }) {
    const trips = await pings(main, name(to), size, seconds);
    const at = (part: number): number => trips[Math.min(trips.length - 1, Math.floor(trips.length * part))]!;
    return { count: trips.length, p50: at(0.5), p99: at(0.99) };
  },
  async load({
    to,
    size,
    perSecond,
    seconds,
  }: Record<"size" | "perSecond" | "seconds", number> & { to: string }) {
    return { sent: await load(main, name(to), size, perSecond, seconds) };
  },
  usage: () => ({ cpuMs: cpuMs() }),
  memory: async () => ({ residentBytes: await residentBytes() }),
  peers: () => ({ counts: routers.map((router) => router.peers().length) }),
});
