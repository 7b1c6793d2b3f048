import { PeerProcess } from "../driver/peer-process.ts";
import { until } from "../driver/wait.ts";
import { docker } from "./command.ts";

/** What runs in a container, and how it is reached. */
export interface ContainerOptions {
  /** Its name in the network, also its host name there: letters, digits and hyphens. */
  name: string;
  /** The image, as `goPeerImage` and its like return it. */
  image: string;
  /** What the image's entry point is given. */
  arguments: readonly string[];
  /** Its IPv4 address, as `ContainerNetwork.host` gives it. */
  address: string;
  /** Its IPv6 address, on a network that has them. */
  address6?: string;
  /** Further host names on the network; several containers may have the same. */
  aliases?: readonly string[];
  /** The port that the arguments tell it to serve its control interface on; default 8080. */
  controlPort?: number;
  /** The file on this machine that its standard error is appended to. */
  logFile: string;
  /** Folders of this machine, by their path in the container. What it writes there belongs to our user. */
  folders?: Readonly<Record<string, string>>;
}

/** What a container needs of its network. */
export interface ContainerContext {
  /** The network's name in Docker. */
  network: string;
  labels: Readonly<Record<string, string>>;
  /** Called when it runs or is connected again, before anybody may use it. */
  beforeUse(): Promise<void>;
  removed(): void;
}

const startWithinMs = 60_000;

/**
 * One container on a `ContainerNetwork`. It can be started, ended and started again; each time its program
 * gets the same arguments and the same address. Its standard input and output are ours, as a child's are; when
 * this process dies, standard input ends, which ends the peers of the suite.
 */
export class Container {
  readonly name: string;
  /** Its id in Docker. */
  readonly id: string;
  readonly logFile: string;
  /** Whether its packet filter has been changed since it started. @internal */
  filtered = false;
  readonly #options: ContainerOptions;
  readonly #context: ContainerContext;
  #address: string;
  #process: PeerProcess | undefined;
  #removed = false;

  private constructor(id: string, options: ContainerOptions, context: ContainerContext) {
    this.id = id;
    this.name = options.name;
    this.logFile = options.logFile;
    this.#options = options;
    this.#address = options.address;
    this.#context = context;
  }

  /** Makes a container, which does not run yet; see `ContainerNetwork.add`. @internal */
  static async create(options: ContainerOptions, context: ContainerContext): Promise<Container> {
    const repeated = (flag: string, values: readonly string[]) => values.flatMap((value) => [flag, value]);
    const labels = Object.entries(context.labels).map(([key, value]) => `${key}=${value}`);
    const volumes = Object.entries(options.folders ?? {}).map(([inside, here]) => `${here}:${inside}`);
    const id = await docker(
      ...["create", "--interactive", "--pull", "never"],
      ...["--name", `${context.network}-${options.name}`, "--hostname", options.name],
      ...["--network", context.network, "--ip", options.address],
      ...(options.address6 === undefined ? [] : ["--ip6", options.address6]),
      ...repeated("--network-alias", [options.name, ...(options.aliases ?? [])]),
      ...repeated("--label", labels),
      ...repeated("--volume", volumes),
      ...["--user", `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`],
      ...[options.image, ...options.arguments],
    );
    return new Container(id, options, context);
  }

  /** Its IPv4 address on the network. */
  get address(): string {
    return this.#address;
  }

  /** Its IPv6 address on the network, if it was given one. */
  get address6(): string | undefined {
    return this.#options.address6;
  }

  /** Where this machine reaches its control interface, HOST:PORT, unless it is disconnected. */
  get control(): string {
    return `${this.address}:${this.#options.controlPort ?? 8080}`;
  }

  /**
   * Starts its program and waits until it runs; when it is ready is for its first line or its control interface
   * to say. @throws Error with the end of its log when it does not start.
   */
  async start(): Promise<void> {
    if (this.running) throw new Error(`${this.name} runs already`);
    const before = await this.#inspect("{{.State.StartedAt}}");
    const child = new PeerProcess(
      { file: "docker", arguments: ["start", "--attach", "--interactive", this.id] },
      this.logFile,
    );
    this.#process = child;
    this.filtered = false;
    child.ended.catch(() => {}); // that docker cannot be run is reported by the wait
    await until(`${this.name} starts`, { withinMs: startWithinMs }, async () => {
      if ((await this.#inspect("{{.State.StartedAt}}")) !== before) return undefined;
      if (child.result === undefined) return "not yet";
      throw new Error(`status ${child.result}: ${this.log().trimEnd().split("\n").slice(-5).join("\n")}`);
    });
    await this.#context.beforeUse();
  }

  /** Whether its program runs, or is paused. */
  get running(): boolean {
    return this.#process !== undefined && this.#process.result === undefined;
  }

  /** Settles when the program that was started last has ended, with its exit status: 137 after a kill. */
  get ended(): Promise<number | NodeJS.Signals> {
    return this.#current.ended;
  }

  /** Every line of standard output of the program that was started last. */
  get lines(): readonly string[] {
    return this.#current.lines;
  }

  /** Everything that its programs have written to standard error. */
  log(): string {
    return this.#current.log();
  }

  /** Sends one line to its standard input. */
  say(line: string): void {
    this.#current.say(line);
  }

  /** Ends its standard input, which ends the peers of the suite. */
  endInput(): void {
    this.#current.endInput();
  }

  /**
   * Asks it to end (SIGTERM), and kills it when it has not ended in time. @param withinMs default 10 s, in
   * whole seconds. @returns its exit status. @throws CommandError
   */
  async stop(withinMs = 10_000): Promise<number | NodeJS.Signals> {
    await docker("stop", "--time", String(Math.ceil(withinMs / 1000)), this.id);
    return this.ended;
  }

  /** Sends it a signal; SIGKILL, the default, is waited for, and ends it even when it is paused. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    await docker("kill", "--signal", signal, this.id);
    if (signal === "SIGKILL") await this.ended;
  }

  /** Freezes it: its connections stay, and nobody answers. */
  async pause(): Promise<void> {
    await docker("pause", this.id);
  }

  /** Lets it go on. */
  async unpause(): Promise<void> {
    await docker("unpause", this.id);
  }

  /** `stop` and `start`. */
  async restart(withinMs?: number): Promise<void> {
    await this.stop(withinMs);
    await this.start();
  }

  /**
   * Takes it off the network, as pulling the cable does: it has no address any more, its control interface is
   * out of reach, and nobody is told. (`ContainerNetwork.partition` keeps the control interface.)
   */
  async disconnect(): Promise<void> {
    await docker("network", "disconnect", this.#context.network, this.id);
  }

  /** Puts it back on the network, by default at its old address; its aliases stay. */
  async connect(address: string = this.address): Promise<void> {
    const { name, address6, aliases = [] } = this.#options;
    await docker(
      ...["network", "connect", "--ip", address],
      ...(address6 === undefined ? [] : ["--ip6", address6]),
      ...[name, ...aliases].flatMap((alias) => ["--alias", alias]),
      ...[this.#context.network, this.id],
    );
    this.#address = address;
    await this.#context.beforeUse();
  }

  /** Ends and removes it, whatever its state. Safe to call twice. */
  async remove(): Promise<void> {
    if (this.#removed) return;
    await docker("rm", "--force", "--volumes", this.id);
    await this.#process?.ended.catch(() => {});
    this.#removed = true;
    this.#context.removed();
  }

  /** The id of its first process on this machine, or `undefined` when it does not run. */
  async pid(): Promise<number | undefined> {
    const pid = Number(await this.#inspect("{{.State.Pid}}"));
    return pid > 0 ? pid : undefined;
  }

  #inspect(format: string): Promise<string> {
    return docker("container", "inspect", "--format", format, this.id);
  }

  get #current(): PeerProcess {
    if (this.#process === undefined) throw new Error(`${this.name} has not been started`);
    return this.#process;
  }
}
