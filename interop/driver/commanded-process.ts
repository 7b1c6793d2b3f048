import { type Command, PeerProcess } from "./peer-process.ts";

/** A line that a commanded program prints: an answer to a request, or an event. */
export type Line = { id?: number; error?: string; event?: string } & Record<string, unknown>;

interface Request {
  resolve(line: Line): void;
  reject(error: Error): void;
}

/**
 * A program in either language that carries out commands: it reads JSON lines, `{"id", "do", …}`, on its standard input
 * and prints an answer to each, `{"id", …}` or `{"id", "error"}`. Its first line, `{"event": "ready", …}`, says that it is
 * ready. It ends with its standard input, so that it does not outlive us.
 */
export class CommandedProcess {
  /** Settles with the readiness line. */
  readonly ready: Promise<Line>;
  readonly #name: string;
  readonly #process: PeerProcess;
  readonly #pending = new Map<number, Request>();
  #nextId = 1;

  /**
   * Starts the program.
   *
   * @param name of the program in errors
   * @param logFile its standard error is appended to it; default our own standard error
   */
  constructor(name: string, command: Command, logFile?: string) {
    this.#name = name;
    this.ready = new Promise((resolve, reject) => this.#pending.set(0, { resolve, reject }));
    this.ready.catch(() => {});
    this.#process = new PeerProcess(command, logFile, (line) => this.#answer(JSON.parse(line) as Line));
    this.#process.ended.then(
      (result) => this.#failAll(new Error(`${name} has ended (${result})${this.#logged()}`)),
      (error: Error) => this.#failAll(error),
    );
  }

  /** The process id. @throws Error when the program could not be started. */
  get pid(): number {
    const { pid } = this.#process;
    if (pid === undefined) throw new Error(`${this.#name} could not be started`);
    return pid;
  }

  /**
   * Has a command carried out, and returns the answer.
   *
   * @param limitMs the longest time until the answer; default 120,000
   * @throws Error if the program refuses, ends, or takes longer
   */
  ask<T = Record<string, unknown>>(what: string, parameters: object = {}, limitMs = 120_000): Promise<T> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new Error(`${this.#name}: no answer to ${what} within ${limitMs} ms`));
      }, limitMs);
      this.#pending.set(id, {
        resolve: (line) => {
          clearTimeout(timer);
          resolve(line as T);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(new Error(`${this.#name}: ${what}: ${error.message}`));
        },
      });
      this.#process.say(JSON.stringify({ id, do: what, ...parameters }));
    });
  }

  /** Ends its standard input, and with it the program; SIGKILL after 5 s. */
  async end(): Promise<void> {
    if (this.#process.result !== undefined) return;
    this.#process.endInput();
    const timer = setTimeout(() => this.#process.signal("SIGKILL"), 5_000);
    await this.#process.ended;
    clearTimeout(timer);
  }

  /** Ends it with SIGKILL. */
  async kill(): Promise<void> {
    this.#process.signal("SIGKILL");
    await this.#process.ended;
  }

  #answer(line: Line): void {
    const id = line.id ?? 0;
    const request = this.#pending.get(id);
    this.#pending.delete(id);
    if (line.error === undefined) request?.resolve(line);
    else request?.reject(new Error(line.error));
  }

  #failAll(error: Error): void {
    for (const request of this.#pending.values()) request.reject(error);
    this.#pending.clear();
  }

  #logged(): string {
    const end = this.#process.log().slice(-2000);
    return end === "" ? "" : `:\n${end}`;
  }
}
