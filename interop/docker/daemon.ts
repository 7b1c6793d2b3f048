import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, readlink, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { DeadlineError, until } from "../driver/wait.ts";
import { docker, run } from "./command.ts";
import { dockerBuildFolder } from "./paths.ts";
import { ensureTools } from "./tools.ts";

/** Written by the dockerd that we have started, and by no other. */
const pidFile = join(dockerBuildFolder, "dockerd.pid");
const logFile = join(dockerBuildFolder, "dockerd.log");

/** What dockerd is started with, each tried after the one before has failed. */
const attempts: readonly (readonly string[])[] = [
  [],
  ["--storage-driver=vfs"], // no overlayfs on overlayfs, as inside another container
  ["--iptables=false", "--ip6tables=false"], // a kernel without NAT: containers still reach each other
  ["--storage-driver=vfs", "--iptables=false", "--ip6tables=false"],
];

const answerWithinMs = 10_000;
const startWithinMs = 60_000;
const stopWithinMs = 30_000;

/** Whether a Docker daemon answers. */
export async function daemonAnswers(): Promise<boolean> {
  try {
    await run("docker", ["version", "--format", "{{.Server.Version}}"], { timeoutMs: answerWithinMs });
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes sure that a Docker daemon answers: as root on a machine where none does, one is installed if need be,
 * and started in the background. It outlives this process; `stopDaemon` knows that it is ours.
 *
 * @throws MissingToolsError; Error with the end of dockerd's log when it does not start.
 */
export async function ensureDaemon(): Promise<void> {
  await ensureTools(["docker"]);
  if (await daemonAnswers()) return;
  if (process.env.DOCKER_HOST) throw new Error(`no Docker daemon answers at ${process.env.DOCKER_HOST}`);
  if (process.getuid?.() !== 0) throw new Error("no Docker daemon answers, and starting one takes root");
  await ensureTools(["dockerd"]);
  await mkdir(dockerBuildFolder, { recursive: true });
  for (const flags of attempts) {
    console.log(`starting dockerd${flags.map((flag) => ` ${flag}`).join("")}`);
    if (await start(flags)) return;
  }
  throw new Error(`dockerd does not start; the end of ${logFile}:\n${await lastLines(logFile)}`);
}

/** Starts dockerd and waits until it answers; false when it ends instead. */
async function start(flags: readonly string[]): Promise<boolean> {
  const log = openSync(logFile, "w");
  const child = spawn("dockerd", [`--pidfile=${pidFile}`, ...flags], {
    detached: true, // it outlives this process, and its group's signals
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.unref();
  let ended = false;
  child.once("exit", () => {
    ended = true;
  });
  child.once("error", () => {
    ended = true;
  });
  await until("dockerd answers", { withinMs: startWithinMs }, async () => {
    if (ended || (await daemonAnswers())) return undefined;
    return `see ${logFile}`;
  });
  // One that another process starts at the same moment is as good as ours.
  return daemonAnswers();
}

/**
 * Stops the daemon if `ensureDaemon` has started it and none of its containers runs.
 *
 * @returns what came of it, for the user.
 */
export async function stopDaemon(): Promise<"stopped" | "not ours" | "in use"> {
  const pid = await ourDaemon();
  if (pid === undefined) return "not ours";
  if ((await docker("ps", "--quiet")) !== "") return "in use";
  process.kill(pid, "SIGTERM");
  try {
    await until("dockerd ends", { withinMs: stopWithinMs }, async () =>
      (await ourDaemon()) === undefined ? undefined : `process ${pid} still runs`,
    );
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    process.kill(pid, "SIGKILL");
  }
  await rm(pidFile, { force: true });
  return "stopped";
}

/** The process id of the dockerd that we have started, if it still runs. */
async function ourDaemon(): Promise<number | undefined> {
  try {
    const pid = Number(await readFile(pidFile, "utf8"));
    const program = await readlink(`/proc/${pid}/exe`); // the number may be another's by now
    return basename(program) === "dockerd" ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function lastLines(file: string): Promise<string> {
  return (await readFile(file, "utf8")).trimEnd().split("\n").slice(-8).join("\n");
}
