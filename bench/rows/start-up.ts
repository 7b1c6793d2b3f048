import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Benchmark } from "../harness/benchmark.ts";
import { packageFolder } from "../harness/build.ts";
import type { Command } from "../harness/measured-process.ts";
import { type Language, newSubnet, peerCommand, peerName } from "../harness/mesh.ts";

const times = 5;

/** Milliseconds from starting a process until it says that it listens; the median of some starts. */
async function startUp(command: () => Command): Promise<number> {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    const { file, arguments: parameters } = command();
    const startMs = performance.now();
    const child = spawn(file, parameters, { stdio: ["pipe", "pipe", "ignore"] });
    const lines = createInterface({ input: child.stdout });
    await new Promise<void>((resolve, reject) => {
      lines.once("line", (line) => {
        if ((JSON.parse(line) as { event?: string }).event === "ready") resolve();
        else reject(new Error(`the first line was ${line}`));
      });
      child.once("close", (status) => reject(new Error(`ended with ${status}`)));
    });
    taken.push(performance.now() - startMs);
    child.kill("SIGKILL");
  }
  return taken.sort((a, b) => a - b)[times >> 1]!;
}

const joinCommand: () => Command = () => ({
  file: process.execPath,
  arguments: [
    join(packageFolder, "dist", "cli", "main.js"),
    ...["join", "--mesh", `${newSubnet()}.1:6783`, "--hwaddr", peerName(1)],
  ],
});

const peerOf = (language: Language) => (): Command =>
  peerCommand(language, { routers: [{ name: peerName(1), host: `${newSubnet()}.1`, port: 6783 }] });

const bareNode = (): Command => ({
  file: process.execPath,
  arguments: ["-e", 'console.log("{\\"event\\":\\"ready\\"}")'],
});

const benchmark: Benchmark = {
  id: "j",
  title: "from the start of the process until it listens; Go is the benchmarks' peer, which does no more",
  async run(measurements) {
    const row = "start-up of weave-mesh join";
    if (!measurements.wanted(row)) return;
    const side = (command: () => Command) => async () => ({ [row]: await startUp(command) });
    await measurements.compare([{ row, unit: "ms", better: "lower", absoluteBar: 200 }], {
      ts: side(joinCommand),
      go: side(peerOf("go")),
      "node -e": side(bareNode),
    });
  },
};

export default benchmark;
