import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { Endpoint } from "../../driver/endpoint.ts";
import type { VictimSpec } from "../attack.ts";
import type { Programs } from "./build.ts";
import { Child } from "./child.ts";
import { resetPeak, type Usage, usageOf } from "./proc.ts";

/** The peer name of every victim. */
export const victimName = "02:00:00:00:00:01";

/** What a victim used during an attack. */
export interface VictimFigures {
  cpuSeconds: number;
  /** The peak of resident memory above what the idle process held. */
  grownMiB: number;
  /** The longest delay of its event loop, in milliseconds; TypeScript only. */
  loopDelayMs: number | undefined;
  /** Whether it ran to the end. */
  survived: boolean;
}

/** Where a victim runs, and as what. */
export interface VictimPlace {
  language: "go" | "ts";
  spec: VictimSpec;
  mesh: Endpoint;
  http: Endpoint;
  /** For the victim's own files. */
  folder: string;
  /** The peer name; default that of all victims. */
  name?: string;
  /** A peer to connect to. */
  dials?: Endpoint;
}

/** A peer under attack. It has a higher priority than the attacker, so that other load of the machine counts less. */
export class Victim {
  readonly #child: Child;
  readonly #delayFile: string;
  readonly #logFile: string;
  readonly #language: "go" | "ts";
  #idle: Usage | undefined;
  #last: Usage | undefined;
  #sampling: NodeJS.Timeout | undefined;

  private constructor(child: Child, language: "go" | "ts", folder: string) {
    this.#child = child;
    this.#language = language;
    this.#delayFile = join(folder, "loop-delay");
    this.#logFile = join(folder, "victim.log");
  }

  /** Starts it, and settles when it listens. */
  static async start(programs: Programs, place: VictimPlace): Promise<Victim> {
    const { language, spec, folder } = place;
    const delayFile = join(folder, "loop-delay");
    const probe = ["--import", pathToFileURL(join(programs.scripts, "processes", "loop-probe.js")).href];
    const [command, script] =
      language === "go"
        ? [programs.goPeer, []]
        : [
            process.execPath,
            [...probe, (spec.program ?? "peer") === "peer" ? programs.tsPeer : programs.command],
          ];
    const child = new Child(command, [...script, ...argumentsOf(place)], {
      nice: -10,
      env: { HOSTILE_LOOP_DELAY: delayFile },
      logFile: join(folder, "victim.log"),
    });
    await child.next("ready", 20_000);
    return new Victim(child, language, folder);
  }

  /** Begins to measure. */
  async mark(): Promise<void> {
    if (this.#language === "ts") {
      this.#child.signal("SIGUSR2");
      for (let waited = 0; readDelay(this.#delayFile) === undefined && waited < 2_000; waited += 10)
        await sleep(10);
    }
    this.#idle = usageOf(this.#child.pid);
    resetPeak(this.#child.pid);
    this.#last = this.#idle;
    this.#sampling = setInterval(() => {
      this.#last = usageOf(this.#child.pid) ?? this.#last;
    }, 100);
  }

  /** The figures since {@link mark}. */
  figures(): VictimFigures {
    clearInterval(this.#sampling);
    const usage = usageOf(this.#child.pid) ?? this.#last!;
    return {
      cpuSeconds: usage.cpuSeconds - this.#idle!.cpuSeconds,
      grownMiB: Math.max(0, usage.peakMiB - this.#idle!.residentMiB),
      loopDelayMs: this.#language === "ts" ? readDelay(this.#delayFile) : undefined,
      survived: this.#child.result === undefined,
    };
  }

  /** Whether it has not ended. */
  get running(): boolean {
    return this.#child.result === undefined;
  }

  /** Its standard output, and its standard error up to 16 MiB. */
  output(): string {
    const bytes = Buffer.alloc(16 * 1024 * 1024);
    const log = openSync(this.#logFile, "r");
    const length = readSync(log, bytes);
    closeSync(log);
    return this.#child.output + bytes.toString("utf8", 0, length);
  }

  /** How it ended, and its last words; `undefined` while it runs. */
  ending(): string | undefined {
    return this.#child.result === undefined
      ? undefined
      : `${this.#child.result}: ${this.output().slice(-400)}`;
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    clearInterval(this.#sampling);
    await this.#child.kill();
  }
}

function argumentsOf({
  language,
  spec,
  mesh,
  http,
  folder,
  name = victimName,
  dials,
}: VictimPlace): string[] {
  const password = spec.password === undefined ? "secret" : spec.password;
  const program = spec.program ?? "peer";
  const flags = (spec.flags ?? []).map((flag) => flag.replaceAll("{folder}", folder));
  const common = [`--mesh=${mesh.host}:${mesh.port}`, `--hwaddr=${name}`, "--nickname=victim"];
  if (password !== null) common.push(`--password=${password}`);
  if (dials !== undefined) common.push(`--peer=${dials.host}:${dials.port}`);
  if (program === "join") return ["join", ...common, `--http=${http.host}:${http.port}`, ...flags];
  if (language === "ts" && program !== "peer") throw new Error(`no such victim: ${program}`);
  return [...common, "--channel=default", `--control=${http.host}:${http.port}`, ...flags];
}

function readDelay(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
