import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** A line that a process of the suite tells. */
export interface Told {
  event: string;
  [field: string]: unknown;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** How a process is started. */
export interface ChildOptions {
  /** Niceness; below 0 needs the right to it, without which it is as good as 0. */
  nice: number;
  env?: Record<string, string>;
  /** The file for its standard error; by default it is kept in `output`. */
  logFile?: string;
}

/** The most output to keep, in characters. */
const mostOutput = 16 * 1024 * 1024;

/** A process of the suite or a victim: it tells JSON lines, and takes lines. */
export class Child {
  readonly #child: ChildProcess;
  readonly #told: Told[] = [];
  readonly #waiting = new Set<() => void>();
  readonly ended: Promise<number | NodeJS.Signals>;
  result: number | NodeJS.Signals | undefined;
  /** The standard output so far, and the standard error without a file for it. */
  output = "";

  constructor(command: string, parameters: readonly string[], { nice, env, logFile }: ChildOptions) {
    // A pipe that is not read in time would hold up a process that logs.
    const log = logFile === undefined ? "pipe" : openSync(logFile, "a");
    this.#child = spawn("nice", ["-n", `${nice}`, command, ...parameters], {
      stdio: ["pipe", "pipe", log],
      env: { ...process.env, ...env },
      detached: true,
    });
    // An attacker that is held back by other load of the machine would be a weak one: it has to stand back only for those
    // of higher priority.
    setGroupNiceness(this.#child.pid, Math.min(0, nice));
    running.add(this.#child);
    this.#child.stdin!.on("error", () => {});
    createInterface({ input: this.#child.stdout! }).on("line", (line) => this.#onLine(line));
    if (log !== "pipe") closeSync(log);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        if (this.output.length < mostOutput) this.output += chunk.toString("utf8");
      });
    }
    this.ended = new Promise((resolve) => {
      const settle = (result: number | NodeJS.Signals) => {
        running.delete(this.#child);
        this.result = result;
        resolve(result);
        for (const wake of this.#waiting) wake();
      };
      this.#child.once("error", () => settle(-1));
      this.#child.once("close", (code, signal) => settle(code ?? signal ?? 0));
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** The next line with this event; lines before it are dropped. @throws Error at the deadline or at the process's end. */
  async next(event: string, withinMs: number): Promise<Told> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const index = this.#told.findIndex((line) => line.event === event);
      if (index >= 0) return this.#told.splice(0, index + 1).at(-1)!;
      const failure = this.#told.find((line) => line.event === "failed");
      if (failure !== undefined) throw new Error(`${failure.error}`);
      const left = deadline - performance.now();
      if (this.result !== undefined || left <= 0) {
        const how = this.result === undefined ? `within ${withinMs} ms` : `before it ended (${this.result})`;
        throw new Error(`no line ${event} ${how}:\n${this.output.slice(-2000)}`);
      }
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, left);
        this.#waiting.add(wake);
      });
    }
  }

  say(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    if (this.result === undefined) this.#child.kill("SIGKILL");
    await this.ended;
  }

  #onLine(line: string): void {
    if (!line.startsWith("{")) return;
    try {
      this.#told.push(JSON.parse(line));
    } catch {
      return;
    }
    for (const wake of this.#waiting) wake();
  }
}

/**
 * Where the kernel groups processes by session, niceness counts only within a group; each of our processes has a session,
 * and so a group, of its own (sched(7), "The autogroup feature").
 */
export function setGroupNiceness(pid: number | undefined, nice: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, `${nice}`);
  } catch {
    // Not every kernel has groups, and a niceness below 0 takes a right.
  }
}
