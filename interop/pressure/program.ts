import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildFolder, root } from "../driver/paths.ts";
import { type Command, PeerProcess } from "../driver/peer-process.ts";
import type { Mesh } from "../runner/index.ts";

const folder = join(root, "interop", "pressure");

/** A line that a program of this folder prints. */
interface Line {
  event: string;
  grownBytes?: number;
  sha256?: string;
}

/** What `rotating-peer.ts` says of its messages. */
export interface Report {
  sent: number;
  failures: string[];
  /** By the name of who sent them. */
  received: Record<string, number>;
}

/** A running program of this folder: it prints JSON lines, is told what to do by lines, and ends with its input. */
export class Program {
  readonly #mesh: Mesh;
  readonly #label: string;
  readonly #process: PeerProcess;
  /** Lines that were waited for already. */
  #seen = 0;

  private constructor(mesh: Mesh, label: string, command: Command) {
    this.#mesh = mesh;
    this.#label = label;
    this.#process = new PeerProcess(command, join(mesh.folder, `${label}.log`));
  }

  /** Starts a TypeScript program of this folder that can ask for a collection of its heap. */
  static async startTypeScript(mesh: Mesh, file: string, parameters: readonly string[]): Promise<Program> {
    const script = ["--expose-gc", "--import", "tsx", join(folder, file)];
    const command = { file: process.execPath, arguments: [...script, ...parameters] };
    const program = new Program(mesh, file, command);
    await program.next("ready", 20_000);
    return program;
  }

  /** Builds and starts a Go program of this folder. */
  static async startGo(
    mesh: Mesh,
    label: string,
    name: string,
    parameters: readonly string[],
  ): Promise<Program> {
    const file = join(buildFolder, name);
    await promisify(execFile)("go", ["build", "-o", file, "."], {
      cwd: join(folder, name),
      env: { ...process.env, CGO_ENABLED: "0" },
    });
    const program = new Program(mesh, label, { file, arguments: parameters });
    await program.next("ready", 20_000);
    return program;
  }

  /** Tells it to do something. */
  say(line: string): void {
    this.#process.say(line);
  }

  /** The next line with this event, once it is there. */
  async next(event: string, withinMs: number): Promise<Line> {
    let found: Line | undefined;
    await this.#mesh.until(`${this.#label} prints ${event}`, withinMs, () => {
      if (this.#process.result !== undefined)
        throw new Error(`it ended:\n${this.#process.log().slice(-2000)}`);
      const lines = this.#process.lines.slice(this.#seen).map((line) => JSON.parse(line) as Line);
      const index = lines.findIndex((line) => line.event === event);
      if (index < 0) return `after ${JSON.stringify(lines)}`;
      found = lines[index];
      this.#seen += index + 1;
      return undefined;
    });
    return found!;
  }

  /** By how many MiB it has grown. */
  async measure(): Promise<number> {
    this.say("measure");
    const { grownBytes } = await this.next("measured", 60_000);
    return Number(grownBytes) / 2 ** 20;
  }

  /** What it has sent and received. */
  async report(): Promise<Report> {
    this.say("report");
    return (await this.next("report", 5_000)) as Line & Report;
  }

  /** Ends it. */
  async end(): Promise<void> {
    this.#process.endInput();
    await this.#mesh.until(`${this.#label} ends`, 10_000, () =>
      this.#process.result === undefined ? "it still runs" : undefined,
    );
  }

  /** Ends it, as SIGKILL does; for what has failed. */
  kill(): void {
    this.#process.signal("SIGKILL");
  }
}
