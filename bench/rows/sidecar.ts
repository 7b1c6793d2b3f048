import { CommandedProcess } from "../../interop/driver/commanded-process.ts";
import { allocateSubnet, freePort, meshPort, type Subnet } from "../../interop/driver/subnet.ts";
import type { Benchmark } from "../harness/benchmark.ts";
import { tsScript } from "../harness/build.ts";
import type { Sample } from "../harness/measurements.ts";
import { meshAddress, peerCommand, peerName, startMesh } from "../harness/mesh.ts";
import { cpuRow, measureStream } from "./unicast.ts";

const size = 256;

/** Two Node programs, each with a Go sidecar of its own. */
interface Sidecars {
  readonly clients: readonly CommandedProcess[];
  readonly sidecars: readonly CommandedProcess[];
  readonly subnet: Subnet;
}

async function startSidecars(): Promise<Sidecars> {
  const subnet = await allocateSubnet();
  const names = [peerName(1), peerName(2)];
  const clients: CommandedProcess[] = [];
  const sidecars: CommandedProcess[] = [];
  for (const [i, name] of names.entries()) {
    const [http, deliveries] = [await freePort(), await freePort()];
    const targets = i === 0 ? [] : [meshAddress(subnet, 1)];
    const command = peerCommand("go", [{ name, host: subnet.host(i + 1), port: meshPort, targets }]);
    const sidecar = [`--sidecar=127.0.0.1:${http}`, `--deliver=http://127.0.0.1:${deliveries}/`];
    sidecars.push(
      new CommandedProcess("sidecar", { ...command, arguments: [...command.arguments, ...sidecar] }),
    );
    await sidecars[i]!.ready;
    const parameters = [tsScript("sidecar-client"), `127.0.0.1:${http}`, String(deliveries)];
    clients.push(new CommandedProcess("client", { file: process.execPath, arguments: parameters }));
    await clients[i]!.ready;
  }
  await Promise.all(sidecars.map((sidecar) => sidecar.ask("know", { router: 0, names })));
  return { clients, sidecars, subnet };
}

async function streamThrough({ clients, sidecars }: Sidecars, seconds: number, row: string): Promise<Sample> {
  const [sender, receiver] = clients;
  const all = [...clients, ...sidecars];
  const cpu = async (): Promise<number> => {
    const used = await Promise.all(all.map((one) => one.ask<{ cpuMs: number }>("usage")));
    return used.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  };
  await receiver!.ask("expect", { size });
  const before = await cpu();
  const { sent } = await sender!.ask<{ sent: number }>("stream", { to: peerName(2), size, seconds });
  type Received = { count: number; broken: number; seconds: number };
  const { count, broken, seconds: took } = await receiver!.ask<Received>("received", { sent });
  if (broken > 0 || count !== sent) throw new Error(`of ${sent} messages came ${count}, ${broken} broken`);
  return { [row]: count / took, [cpuRow(row)]: (((await cpu()) - before) * 1000) / count };
}

const benchmark: Benchmark = {
  id: "k",
  title: "what a Node program does without this package: a Go sidecar for each, driven over local HTTP",
  async run(measurements) {
    const stream = `unicast ${size} B, Node to Node: the package against Go sidecars`;
    const trip = "round trip p50, Node to Node: the package against Go sidecars";
    if (!measurements.wanted(stream, trip)) return;
    const mesh = await startMesh(["ts", "ts"], [[0, 1]]);
    const through = await startSidecars();
    await measurements.compare(
      [
        { row: stream, unit: "messages/s", better: "higher", bar: 10 },
        { row: cpuRow(stream), unit: "µs", better: "lower" },
      ],
      {
        ts: ({ seconds }) => measureStream(mesh, { from: 0, to: 1 }, size, seconds, stream),
        go: ({ seconds }) => streamThrough(through, seconds, stream),
      },
    );
    const ping = async (from: CommandedProcess, seconds: number): Promise<Sample> => {
      const { p50 } = await from.ask<{ p50: number }>("ping", { to: peerName(2), size, seconds });
      return { [trip]: p50 };
    };
    await measurements.compare([{ row: trip, unit: "µs", better: "lower", bar: 0.1 }], {
      ts: ({ seconds }) => ping(mesh.peers[0]!, seconds),
      go: ({ seconds }) => ping(through.clients[0]!, seconds),
    });
    await mesh.end();
    await Promise.all([...through.clients, ...through.sidecars].map((one) => one.end()));
    await through.subnet.release();
  },
};

export default benchmark;
