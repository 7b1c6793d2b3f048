import { CommandedProcess } from "../../interop/driver/commanded-process.ts";
import { goBinary } from "../../interop/driver/go-build.ts";
import { allocateSubnet, meshPort, type Subnet } from "../../interop/driver/subnet.ts";
import type { Benchmark } from "../harness/benchmark.ts";
import type { Sample } from "../harness/measurements.ts";
import { connect, type Language, peerName, startPeer } from "../harness/mesh.ts";

const routers = 10;

/** A process with ten routers, and the bare neighbour that shakes hands with them. */
interface Setting {
  readonly peer: CommandedProcess;
  readonly neighbour: CommandedProcess;
  /** Where the routers listen. */
  readonly addresses: readonly string[];
  /** Where the neighbour listens, at every loopback address. */
  readonly neighbourPort: number;
  readonly password: string | undefined;
  readonly subnet: Subnet;
}

async function startSetting(language: Language, password: string | undefined): Promise<Setting> {
  const subnet = await allocateSubnet();
  const hosts = Array.from({ length: routers }, (_, i) => subnet.host(i + 1));
  const peer = startPeer(
    language,
    hosts.map((host, i) => ({
      name: peerName(i + 1),
      host,
      port: meshPort,
      ...(password === undefined ? {} : { password }),
    })),
  );
  const neighbour = new CommandedProcess("neighbour", { file: goBinary("neighbour"), arguments: [] });
  await Promise.all([peer.ready, neighbour.ready]);
  const { port } = await neighbour.ask<{ port: number }>("listen", { address: "0.0.0.0:0", password });
  const addresses = hosts.map((host) => `${host}:${meshPort}`);
  return { peer, neighbour, addresses, neighbourPort: port, password, subnet };
}

/** CPU milliseconds that the peer process spends while `action` goes on, and in the moment after it. */
async function cpuOf({ peer }: Setting, action: () => Promise<unknown>): Promise<number> {
  const before = await peer.ask<{ cpuMs: number }>("usage");
  await action();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const after = await peer.ask<{ cpuMs: number }>("usage");
  return after.cpuMs - before.cpuMs;
}

/** The neighbour dials each router `each` times, one after the other. */
async function accepted(setting: Setting, each: number, row: string): Promise<Sample> {
  const { neighbour, addresses, password } = setting;
  const cpu = await cpuOf(setting, () =>
    neighbour.ask("dial", { targets: addresses, count: each, password }),
  );
  return { [row]: cpu / (each * routers) };
}

let dialledHosts = 0;

/** Each router dials `each` addresses of the neighbour, ten at a time, and forgets them. */
async function dialled(setting: Setting, each: number, row: string): Promise<Sample> {
  const { peer, neighbour, neighbourPort } = setting;
  const together = 10;
  const cpu = await cpuOf(setting, async () => {
    for (let done = 0; done < each; done += together) {
      const targets = Array.from({ length: together }, () => {
        dialledHosts++;
        return `127.200.${(dialledHosts >> 8) & 255}.${dialledHosts & 255}:${neighbourPort}`;
      });
      for (let router = 0; router < routers; router++) {
        await connect(peer, router, targets, { replace: true });
      }
      await neighbour.ask("shaken", { count: together * routers }, 30_000);
      for (let router = 0; router < routers; router++) {
        await connect(peer, router, [], { replace: true });
      }
    }
  });
  return { [row]: cpu / (each * routers) };
}

const benchmark: Benchmark = {
  id: "e",
  title:
    "CPU time of the peer's process for a handshake, with adding, first gossip and end of the connection",
  async run(measurements) {
    const each = measurements.effort.quick ? 20 : 100;
    for (const sealing of ["plain", "sealed"] as const) {
      const password = sealing === "sealed" ? "secret" : undefined;
      for (const [way, measure] of [
        ["accepted", accepted],
        ["dialled", dialled],
      ] as const) {
        const row = `handshake ${way} ${sealing}`;
        if (!measurements.wanted(row)) continue;
        const ts = await startSetting("ts", password);
        const go = await startSetting("go", password);
        await measurements.compare(
          [{ row, unit: "CPU ms", better: "lower", bar: 1 }],
          { ts: () => measure(ts, each, row), go: () => measure(go, each, row) },
          // V8 needs some thousand handshakes before it has compiled all of the path.
          { warmUps: measurements.effort.quick ? 1 : 3 },
        );
        for (const { peer, neighbour, subnet } of [ts, go]) {
          await Promise.all([peer.end(), neighbour.end(), subnet.release()]);
        }
      }
    }
  },
};

export default benchmark;
