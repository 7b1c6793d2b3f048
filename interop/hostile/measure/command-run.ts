import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { allocateSubnet } from "../../driver/subnet.ts";
import { barsOf, type CommandAttack, type CommandOutcome } from "../attack.ts";
import { generalBars } from "./bars.ts";
import { hostileFolder, type Programs } from "./build.ts";
import { setGroupNiceness } from "./child.ts";
import { type Usage, usageOf } from "./proc.ts";

/** What one run of a command on hostile input came to. */
export interface CommandFigures {
  seconds: number;
  cpuSeconds: number;
  /** The peak of resident memory above what the command holds when it prints its help. */
  grownMiB: number;
  /** Whether it was ended at the deadline. */
  timedOut: boolean;
  /** Standard output and standard error. */
  outputMiB: number;
  /** What is wrong beyond the figures. */
  problem: string | undefined;
}

/** Resident memory of the command when it prints its help, about. */
const idleMiB = 50;
const mostOutput = 96 * 1024 * 1024;

/** Runs an attack on a command once. */
export async function runCommand(
  programs: Programs,
  attack: CommandAttack,
  variant: string,
): Promise<CommandFigures> {
  await mkdir(join(hostileFolder, "runs"), { recursive: true });
  const folder = await mkdtemp(join(hostileFolder, "runs", "command-"));
  const atEnd: (() => unknown)[] = [];
  const subnet = await allocateSubnet();
  const network = subnet.host(1).replace(/\.1$/, "");
  try {
    const parameters = attack.variants?.[variant];
    const { cpuSeconds: cpuBar = generalBars.commandSeconds } = barsOf(attack, variant);
    const command = await attack.command(
      { folder, network, atEnd: (action) => atEnd.push(action) },
      parameters,
    );
    const { figures, outcome } = await execute(programs, attack, cpuBar, command, folder);
    const { statuses = [0, 1] } = command;
    const problem =
      !figures.timedOut && !statuses.includes(outcome.status)
        ? `exit status ${outcome.status}: ${outcome.stderr.slice(-300)}`
        : ((await attack.check?.(outcome, parameters)) ?? (await command.check?.(outcome)));
    return { ...figures, problem: figures.timedOut ? undefined : problem };
  } finally {
    for (const action of atEnd.reverse()) await action();
    await subnet.release();
    await rm(folder, { recursive: true, force: true });
  }
}

async function execute(
  programs: Programs,
  { withinMs = 90_000 }: CommandAttack,
  cpuBar: number,
  command: Awaited<ReturnType<CommandAttack["command"]>>,
  folder: string,
): Promise<{ figures: Omit<CommandFigures, "problem">; outcome: CommandOutcome }> {
  const usageFile = join(folder, ".usage");
  const probe = scriptUrl(programs, "loop-probe");
  const preloads = command.preload === undefined ? [] : ["--import", scriptUrl(programs, command.preload)];
  const script =
    command.script === undefined
      ? [programs.command]
      : ["--import", "tsx", join(programs.checkout, command.script)];
  const parameters = ["--import", probe, ...preloads, ...script, ...command.arguments];
  const started = performance.now();
  const [file, ...rest] =
    command.shell === undefined
      ? ["nice", "-n", "-5", process.execPath, ...parameters]
      : ["bash", "-c", `${command.shell}; exec nice -n -5 "$0" "$@"`, process.execPath, ...parameters];
  const child = spawn(file!, rest, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, HOSTILE_USAGE: usageFile },
    detached: true,
    cwd: programs.checkout,
  });
  setGroupNiceness(child.pid, -5);
  child.stdin.on("error", () => {});
  child.stdin.end(command.input);
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let kept = 0;
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].on("data", (chunk: Buffer) => {
      kept += chunk.length;
      if (kept < mostOutput) output[stream].push(chunk);
    });
  }
  let timedOut = false;
  const endLate = () => {
    timedOut = true;
    child.kill("SIGKILL");
  };
  let last: Usage = { cpuSeconds: 0, residentMiB: idleMiB, peakMiB: idleMiB };
  const sampling = setInterval(() => {
    last = usageOf(child.pid!) ?? last;
    if (last.cpuSeconds > 1.5 * cpuBar) endLate();
  }, 20);
  const deadline = setTimeout(endLate, withinMs);
  const interrupt =
    command.interruptAfterMs === undefined
      ? undefined
      : setTimeout(() => child.kill("SIGINT"), command.interruptAfterMs);
  const status = await new Promise<number | string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(code ?? signal ?? 0));
  });
  clearInterval(sampling);
  clearTimeout(deadline);
  clearTimeout(interrupt);
  const usage = await readUsage(usageFile);
  const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString("utf8");
  return {
    figures: {
      seconds: (performance.now() - started) / 1000,
      cpuSeconds: Math.max(last.cpuSeconds, usage?.cpuSeconds ?? 0),
      grownMiB: Math.max(last.peakMiB, usage?.peakMiB ?? 0) - idleMiB,
      timedOut,
      outputMiB: kept / 2 ** 20,
    },
    outcome: { status, stdout: text(output.stdout), stderr: text(output.stderr), folder },
  };
}

function scriptUrl(programs: Programs, name: string): string {
  return pathToFileURL(join(programs.scripts, "processes", `${name}.js`)).href;
}

async function readUsage(file: string): Promise<{ cpuSeconds: number; peakMiB: number } | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
}
