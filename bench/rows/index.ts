import type { Benchmark } from "../harness/benchmark.ts";
import agreement from "./agreement.ts";
import broadcast from "./broadcast.ts";
import handshake from "./handshake.ts";
import memory from "./memory.ts";
import partition from "./partition.ts";
import relay from "./relay.ts";
import roundTrip from "./round-trip.ts";
import sidecar from "./sidecar.ts";
import startUp from "./start-up.ts";
import { routes, updates } from "./topology.ts";
import unicast from "./unicast.ts";

/** All benchmarks, in the order in which they run. */
export const benchmarks: readonly Benchmark[] = [
  unicast,
  relay,
  broadcast,
  roundTrip,
  handshake,
  updates,
  routes,
  startUp,
  sidecar,
  memory,
  agreement,
  partition,
];
