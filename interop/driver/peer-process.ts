import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** A command line to run. */
export interface Command {
  file: string;
  arguments: readonly string[];
  /** Variables in addition to this process's environment. */
  environment?: Readonly<Record<string, string>>;
}

const running = new Set<ChildProcess>();

// Whatever ends the runner ends its peers. (Peers that watch their standard input end even after SIGKILL.)
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

/**
 * One program that runs as a peer. Its standard error goes to a log file or to our own, its standard output is read line
 * by line, its standard input stays open until the process ends.
 */
export class PeerProcess {
  /** Every line of standard output so far. */
  readonly lines: string[] = [];
  /** Settles when the process has ended, with its exit status or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** The file to which its standard error is appended; `undefined`: it is our own. */
  readonly logFile: string | undefined;
  readonly #child: ChildProcess;
  #result: number | NodeJS.Signals | undefined;

  /** Starts the program. `onLine` is called with each line of its standard output. */
  constructor(command: Command, logFile?: string, onLine: (line: string) => void = () => {}) {
    this.logFile = logFile;
    const log = logFile === undefined ? undefined : openSync(logFile, "a");
    this.#child = spawn(command.file, command.arguments, {
      stdio: ["pipe", "pipe", log ?? "inherit"],
      env: { ...process.env, ...command.environment },
    });
    if (log !== undefined) closeSync(log);
    running.add(this.#child);
    this.#child.stdin?.on("error", () => {}); // the end of the process is reported by `ended`
    createInterface({ input: this.#child.stdout! }).on("line", (line) => {
      this.lines.push(line);
      onLine(line);
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => {
        running.delete(this.#child);
        this.#result = code ?? signal ?? 0;
        resolve(this.#result);
      });
    });
    this.ended.catch(() => running.delete(this.#child));
  }

  /** The exit status or the signal that ended it; `undefined` while it runs. */
  get result(): number | NodeJS.Signals | undefined {
    return this.#result;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Sends one line to its standard input. */
  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Ends its standard input. */
  endInput(): void {
    this.#child.stdin?.end();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Everything in its log file; nothing without one. */
  log(): string {
    return this.logFile === undefined ? "" : readFileSync(this.logFile, "utf8");
  }
}
