import { devNull } from "node:os";
import { join } from "node:path";
import { CommandedProcess } from "../../interop/driver/commanded-process.ts";
import type { Command } from "../../interop/driver/peer-process.ts";
import { allocateSubnet, meshPort } from "../../interop/driver/subnet.ts";
import type { Benchmark } from "../harness/benchmark.ts";
import { packageFolder } from "../harness/build.ts";
import { peerCommand, peerName } from "../harness/mesh.ts";

const times = 5;

/** Milliseconds from starting a process until it says that it listens; the median of some starts. */
async function startUp(command: (host: string) => Command): Promise<number> {
  const subnet = await allocateSubnet();
  const taken: number[] = [];
  for (let i = 1; i <= times; i++) {
    const startMs = performance.now();
    const started = new CommandedProcess("the started process", command(subnet.host(i)), devNull);
    const { event } = await started.ready;
    taken.push(performance.now() - startMs);
    if (event !== "ready") throw new Error(`the first line was about ${event}`);
    await started.kill();
  }
  await subnet.release();
  return taken.sort((a, b) => a - b)[times >> 1]!;
}

const joinCommand = (host: string): Command => ({
  file: process.execPath,
  arguments: [
    join(packageFolder, "dist", "cli", "main.js"),
    ...["join", "--mesh", `${host}:${meshPort}`, "--hwaddr", peerName(1)],
  ],
});

const goPeerCommand = (host: string): Command =>
  peerCommand("go", [{ name: peerName(1), host, port: meshPort }]);

const bareNode = (): Command => ({
  file: process.execPath,
  arguments: ["-e", 'console.log("{\\"event\\":\\"ready\\"}")'],
});

const benchmark: Benchmark = {
  id: "j",
  title: "from the start of the process until it listens; Go is the peer of interop/go-peer",
  async run(measurements) {
    const row = "start-up of weave-mesh join";
    if (!measurements.wanted(row)) return;
    const side = (command: (host: string) => Command) => async () => ({ [row]: await startUp(command) });
    await measurements.compare([{ row, unit: "ms", better: "lower", absoluteBar: 200 }], {
      ts: side(joinCommand),
      go: side(goPeerCommand),
      "node -e": side(bareNode),
    });
  },
};

export default benchmark;
