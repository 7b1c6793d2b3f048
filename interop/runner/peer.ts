import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ControlClient } from "../driver/control-client.ts";
import { commandLine } from "../driver/package-build.ts";
import { parseStatus, type Status } from "../driver/status.ts";
import { until } from "../driver/wait.ts";
import type { Language } from "./mesh-spec.ts";
import { httpAddress, type Launch } from "./programs.ts";
import type { RunningProgram } from "./surroundings.ts";

/** What a peer needs of the mesh that it belongs to. */
export interface PeerContext {
  logFile: string;
  /** Starts its program. */
  start(launch: Launch, logFile: string): Promise<RunningProgram>;
  /** Aborted with the reason when anything in the mesh has failed. */
  signal: AbortSignal;
  /** Reports that the mesh has failed. */
  fail(reason: Error): void;
}

const startWithinMs = 20_000;
const endWithinMs = 10_000;

/** One peer of a scenario, whatever program it is. */
export abstract class Peer {
  readonly launch: Launch;
  protected readonly context: PeerContext;
  #process: RunningProgram | undefined;
  #expectedToEnd = false;

  constructor(launch: Launch, context: PeerContext) {
    this.launch = launch;
    this.context = context;
  }

  get label(): string {
    return this.launch.label;
  }

  /** Its name in the mesh. */
  get name(): string {
    return this.launch.identity.name;
  }

  /** Its address, without the port. */
  get host(): string {
    return this.launch.host;
  }

  get language(): "go" | "ts" {
    return this.launch.language;
  }

  get running(): boolean {
    return this.#process !== undefined && this.#process.result === undefined;
  }

  protected get process(): RunningProgram {
    if (this.#process === undefined) throw new Error(`${this.label} has not been started`);
    return this.#process;
  }

  /** Starts the program and waits until it is ready. Its end is a failure unless it is asked for. */
  async start(): Promise<void> {
    const process = await this.context.start(this.launch, this.context.logFile);
    this.#process = process;
    this.#expectedToEnd = false;
    const report = (reason: unknown) => {
      if (this.#process === process && !this.#expectedToEnd) {
        this.context.fail(
          new Error(`${this.label} ended by itself (${reason}):\n${lastLines(process.log())}`),
        );
      }
    };
    process.ended.then(report, report);
    const ready = { withinMs: startWithinMs, signal: this.context.signal };
    await until(`${this.label} gets ready`, ready, () => this.ready());
  }

  /** Answers what is missing until the peer is ready. */
  protected abstract ready(): Promise<string | undefined> | string | undefined;

  /** Its status, or `undefined` if its program has none. */
  abstract status(): Promise<Status | undefined>;

  /** Ends it as SIGKILL does, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#expectedToEnd = true;
    this.process.signal("SIGKILL");
    await this.process.ended;
  }

  /** Asks it to leave, and checks that it does so with exit status 0. */
  async stop(): Promise<void> {
    this.#expectedToEnd = true;
    await this.askToEnd();
    await until(`${this.label} ends`, { withinMs: endWithinMs }, () =>
      this.running ? "it still runs" : undefined,
    );
    const { result } = this.process;
    if (result !== 0)
      throw new Error(`${this.label} ended with ${result}:\n${lastLines(this.process.log())}`);
  }

  protected async askToEnd(): Promise<void> {
    this.process.signal("SIGTERM");
  }

  /** Stops its processor time: its sockets stay open and silent. */
  pause(): void {
    this.process.signal("SIGSTOP");
  }

  /** Starts it from now on as a peer of the other kind, with the same name and address. It must not be running. */
  recast(language: Language): void {
    this.launch.language = language;
  }

  /** Everything that it has logged, over all its starts. */
  log(): string {
    return this.process.log();
  }

  /** How often its log has this text, over all its starts. */
  timesLogged(text: string): number {
    return this.log().split(text).length - 1;
  }

  /** Lets it go on. */
  resume(): void {
    this.process.signal("SIGCONT");
  }

  /** Waits until its log has a match; for the texts that users of the original see. */
  async logged(pattern: RegExp, withinMs = 10_000): Promise<void> {
    const options = { withinMs, signal: this.context.signal };
    await until(`${this.label} logs ${pattern}`, options, () =>
      pattern.test(this.process.log()) ? undefined : "no such line",
    );
  }
}

/** A peer that is driven over the control interface, in either language. */
export class DrivenPeer extends Peer {
  #client: ControlClient | undefined;

  /** Its control interface. */
  get control(): ControlClient {
    if (this.#client === undefined) throw new Error(`${this.label} is not ready`);
    return this.#client;
  }

  override async start(): Promise<void> {
    this.#client = undefined;
    await super.start();
  }

  protected ready(): string | undefined {
    const line = this.process.lines[0];
    if (line === undefined) return "no readiness line";
    const { control, name } = JSON.parse(line) as { control: string; name: string };
    if (name !== this.name) return `its name is ${name}, not ${this.name}`;
    this.#client = new ControlClient(this.process.control ?? control);
    return undefined;
  }

  status(): Promise<Status> {
    return this.control.status();
  }

  protected override askToEnd(): Promise<void> {
    return this.control.quit();
  }
}

/** The original's increment-only-counter, or ours: no status, but a count over HTTP. */
export class CounterProgram extends Peer {
  protected async ready(): Promise<string | undefined> {
    await this.count();
    return undefined;
  }

  async status(): Promise<undefined> {}

  /** Counts one more; the answer is the new total. */
  increment(): Promise<number> {
    return this.#ask("POST", /^incr => (\d+)\n$/);
  }

  /** The total that it shows. */
  count(): Promise<number> {
    return this.#ask("GET", /^get => (\d+)\n$/);
  }

  /** The original's example knows SIGINT only. */
  protected override async askToEnd(): Promise<void> {
    this.process.signal("SIGINT");
  }

  async #ask(method: string, pattern: RegExp): Promise<number> {
    const signal = AbortSignal.timeout(10_000);
    const response = await fetch(`http://${httpAddress(this.launch)}/`, { method, signal });
    const text = await response.text();
    const match = pattern.exec(text);
    if (match === null) throw new Error(`${this.label} answered ${method} with ${JSON.stringify(text)}`);
    return Number(match[1]);
  }
}

/** A line that `weave-mesh join` prints on standard output. */
export interface JoinEvent {
  event: "ready" | "unicast" | "broadcast" | "gossip";
  channel?: string;
  source?: string;
  text?: string;
  base64?: string;
}

/** `weave-mesh join`, driven as its user does: over standard input and output. */
export class JoinProgram extends Peer {
  protected ready(): string | undefined {
    return this.events().some(({ event }) => event === "ready") ? undefined : "no ready event";
  }

  async status(): Promise<Status> {
    return parseStatus(await this.statusText());
  }

  /** Where it serves its status, HOST:PORT. */
  get httpAddress(): string {
    return httpAddress(this.launch);
  }

  /** What `weave-mesh status` prints for the peer at an address. */
  async runStatus(address: string): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [
      commandLine(this.launch.programs.tree),
      ...["status", address],
    ]);
    return stdout;
  }

  /** The body of its GET /status. */
  async statusText(): Promise<string> {
    const url = `http://${this.httpAddress}/status`;
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    return response.text();
  }

  /** Every line of its standard output; each must be JSON. */
  events(): JoinEvent[] {
    return this.process.lines.map((line) => JSON.parse(line) as JoinEvent);
  }

  /** Types one line. */
  type(line: string): void {
    this.process.say(line);
  }

  /** Ends its standard input, which must not end the program. */
  endInput(): void {
    this.process.endInput();
  }
}

function lastLines(log: string): string {
  return log.trimEnd().split("\n").slice(-12).join("\n");
}
