import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A command line to run. */
export interface Command {
  readonly file: string;
  readonly arguments: readonly string[];
  /** Variables beside those of the harness. */
  readonly environment?: Readonly<Record<string, string>>;
}

type Reply = { id?: number; error?: string; event?: string } & Record<string, unknown>;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

/**
 * A program that is measured, in either language. It is told what to do by JSON lines on its standard input,
 * `{"id", "do", …}`, and answers each by one on its standard output, `{"id", …}` or `{"id", "error"}`; the first line
 * says that it is ready. It ends with its standard input, so that it does not outlive the harness.
 */
export class MeasuredProcess {
  /** The readiness line. */
  readonly ready: Promise<Reply>;
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, { resolve(reply: Reply): void; reject(error: Error): void }>();
  #nextId = 1;

  constructor(name: string, command: Command) {
    this.#name = name;
    const child = spawn(command.file, command.arguments, {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...command.environment },
    });
    this.#child = child;
    running.add(child);
    child.stdin!.on("error", () => {});
    this.ready = new Promise((resolve, reject) => this.#pending.set(0, { resolve, reject }));
    this.ready.catch(() => {});
    createInterface({ input: child.stdout! }).on("line", (line) => this.#answer(JSON.parse(line) as Reply));
    child.once("error", (error) => this.#failAll(error));
    child.once("close", (code, signal) => {
      running.delete(child);
      this.#failAll(new Error(`${name} has ended (${code ?? signal})`));
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Has something done, and gives the answer. @throws Error if the program refuses, ends, or takes longer than `limitMs`. */
  ask<T = Record<string, unknown>>(what: string, parameters: object = {}, limitMs = 120_000): Promise<T> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.#name}: no answer to ${what} within ${limitMs} ms`)),
        limitMs,
      );
      this.#pending.set(id, {
        resolve: (reply) => {
          clearTimeout(timer);
          resolve(reply as T);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(new Error(`${this.#name}: ${what}: ${error.message}`));
        },
      });
      this.#child.stdin!.write(`${JSON.stringify({ id, do: what, ...parameters })}\n`);
    });
  }

  /** Ends it: by the end of its standard input, at which a profile is written if there is one, or else by force. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) return resolve();
      this.#child.once("close", () => resolve());
      this.#child.stdin!.end();
      setTimeout(() => this.#child.kill("SIGKILL"), 5_000).unref();
    });
  }

  /** Ends it as a crash would. */
  kill(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.once("close", () => resolve());
      this.#child.kill("SIGKILL");
    });
  }

  #answer(reply: Reply): void {
    const id = reply.id ?? 0;
    const waiting = this.#pending.get(id);
    this.#pending.delete(id);
    if (reply.error === undefined) waiting?.resolve(reply);
    else waiting?.reject(new Error(reply.error));
  }

  #failAll(error: Error): void {
    for (const waiting of this.#pending.values()) waiting.reject(error);
    this.#pending.clear();
  }
}
