/**
 * What tests of programs on a mesh need: a network in memory, time that moves when told to, chance that repeats.
 *
 * ```ts
 * import { Router } from "weave-mesh";
 * import { MemoryNetwork, seededRandom, VirtualClock } from "weave-mesh/testing";
 *
 * const clock = new VirtualClock();
 * const random = seededRandom("a failing case");
 * const network = new MemoryNetwork({ clock, random, link: { latencyMs: 20 } });
 * const router = new Router({ …, clock, random, transport: network.host("10.0.0.1") });
 * …
 * await clock.runUntil(() => router.peers().length === 3, 60_000);
 * ```
 */
export {
  type Clock,
  type DialOptions,
  type LinkOptions,
  type Listener,
  type ListenOptions,
  MemoryNetwork,
  type MemoryNetworkOptions,
  type MemoryTraffic,
  type Random,
  type ResolveOptions,
  type Socket,
  type SocketAddress,
  type SocketHandlers,
  seededRandom,
  systemClock,
  systemRandom,
  type Timer,
  type Transport,
  TransportError,
  type TransportErrorCode,
  tcpTransport,
  VirtualClock,
} from "./transport/index.ts";
