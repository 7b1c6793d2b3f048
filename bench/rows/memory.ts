import { CommandedProcess } from "../../interop/driver/commanded-process.ts";
import { goBinary } from "../../interop/driver/go-build.ts";
import { allocateSubnet, meshPort } from "../../interop/driver/subnet.ts";
import type { Benchmark } from "../harness/benchmark.ts";
import type { Sample } from "../harness/measurements.ts";
import { type Language, peerName, startPeer } from "../harness/mesh.ts";
import { sparse } from "../harness/topologies.ts";

const routers = 10;
const connectionsEach = 40;
const knownPeers = 16_384;

/**
 * What the `memory` of a Go peer gives back to the system, Node gives back for V8's heap only: it has no call for what malloc
 * keeps (malloc_trim), which is mainly what compiling took. This has glibc give it back as it becomes free.
 */
const environment = { MALLOC_TRIM_THRESHOLD_: String(128 * 1024) };

async function resident(peer: CommandedProcess): Promise<number> {
  // Collections and announcements are put off by a second.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  return (await peer.ask<{ residentBytes: number }>("memory")).residentBytes;
}

async function withNeighbour<T>(
  language: Language,
  count: number,
  firstName: string,
  use: (peer: CommandedProcess, neighbour: CommandedProcess, targets: readonly string[]) => Promise<T>,
): Promise<T> {
  const subnet = await allocateSubnet();
  const hosts = Array.from({ length: count }, (_, i) => subnet.host(i + 1));
  const configs = hosts.map((host, i) => ({
    name: i === 0 ? firstName : peerName(i + 1),
    host,
    port: meshPort,
  }));
  const peer = startPeer(language, configs, environment);
  const neighbour = new CommandedProcess("neighbour", { file: goBinary("neighbour"), arguments: [] });
  await Promise.all([peer.ready, neighbour.ready]);
  const result = await use(
    peer,
    neighbour,
    hosts.map((host) => `${host}:${meshPort}`),
  );
  await Promise.all([peer.end(), neighbour.end(), subnet.release()]);
  return result;
}

const idleRow = "resident memory, idle process with one router";
const connectionRow = "resident memory of a connection";
const peerRow = "resident memory of a known peer";

function perConnection(language: Language): Promise<number> {
  return withNeighbour(language, routers, peerName(1), async (peer, neighbour, targets) => {
    const before = await resident(peer);
    await Promise.all(
      targets.map((target) => neighbour.ask("hold", { targets: [target], count: connectionsEach })),
    );
    return ((await resident(peer)) - before) / (routers * connectionsEach) / 1024;
  });
}

function perPeer(language: Language): Promise<Sample> {
  const mesh = sparse(knownPeers);
  return withNeighbour(language, 1, mesh.ourself, async (peer, neighbour, targets) => {
    const before = await resident(peer);
    await neighbour.ask("tell", { targets, file: mesh.file, to: mesh.neighbour });
    const after = await resident(peer);
    const { counts } = await peer.ask<{ counts: number[] }>("peers");
    if (counts[0] !== knownPeers) throw new Error(`${counts[0]} peers are known instead of ${knownPeers}`);
    return { [idleRow]: before / 2 ** 20, [peerRow]: (after - before) / knownPeers };
  });
}

const benchmark: Benchmark = {
  id: "i",
  title: "memory after collection; peers known from a sparse mesh of 16,384, about four connections each",
  async run(measurements) {
    if (!measurements.wanted(idleRow, connectionRow, peerRow)) return;
    const side = (language: Language) => async (): Promise<Sample> => ({
      ...(await perPeer(language)),
      [connectionRow]: await perConnection(language),
    });
    await measurements.compare(
      [
        { row: idleRow, unit: "MiB", better: "lower" },
        { row: connectionRow, unit: "KiB", better: "lower" },
        { row: peerRow, unit: "bytes", better: "lower", bar: 1 },
      ],
      { ts: side("ts"), go: side("go") },
      { warmUps: 0 },
    );
  },
};

export default benchmark;
