import type { Field } from "./field.ts";

/**
 * Groups of attacks, by what the attacker needs. `no-password`: a route to the mesh port. `peer`: the password.
 * `crypto`: a place on the path between two peers, or a hand-made key exchange. `http`: a route to the status port.
 * `files`: a file, a packet capture or a server that a command of ours reads. `output`: as `files`, but the target is
 * the terminal or the program that reads the output.
 */
export const groups = ["no-password", "peer", "crypto", "http", "files", "output"] as const;

/** One of the {@link groups}. */
export type Group = (typeof groups)[number];

/** The process under attack. */
export interface VictimSpec {
  /** `peer`: the driven peer in both languages. The others exist only here, so that there is no figure of Go's. */
  program?: "peer" | "join" | "capture";
  /** The password of the mesh; `null` for a plain mesh. Default "secret". */
  password?: string | null;
  /** Further flags. */
  flags?: readonly string[];
}

/** The figures that an attack may reach where Go has none, or where the general ones do not fit. */
export interface Bars {
  /** The longest gap, in milliseconds. Default 250, or 1.5 times Go's and at most 1,000. */
  gapMs?: number;
  /** Growth of resident memory, in MiB. Default 256. */
  memoryMiB?: number;
  /** Processor time, in seconds. No bar for an attack over the network by default; 10 for a command. */
  cpuSeconds?: number;
  /** Standard output of a command, in MiB; no bar by default. */
  outputMiB?: number;
  /** The time in which a newcomer joins, in milliseconds. Default 2,000, or 1.5 times Go's. */
  newcomerMs?: number;
}

interface Common<Parameters> {
  /** One line that says what is tried. */
  title: string;
  group: Group;
  /** The documented limits (docs/security.md) that this attack runs into, by their names there. */
  limits?: readonly string[];
  /** Named variants, each an attack by itself; default one without a name. */
  variants?: Record<string, Parameters>;
  /** Whether it belongs to the subset of the gate; or the variants that do. Default false. */
  gate?: boolean | readonly string[];
  bars?: Bars | ((parameters: Parameters) => Bars);
}

/** An attack on a running peer. */
export interface NetworkAttack<Parameters = unknown> extends Common<Parameters> {
  victim?: VictimSpec;
  /** Whether a second peer of the victim's language is connected to it; not measured. Default false. */
  companion?: boolean;
  /** The protocol version of the honest connections; default 2. */
  honestVersion?: 1 | 2;
  /** No figure of Go's: it is not attacked. Default false. */
  onlyOurs?: boolean;
  /** The longest time that the attack and its effects are watched, in milliseconds; default 20,000. */
  withinMs?: number;
  /** The time for which the victim is watched after the last byte, in milliseconds; default 1,500. */
  watchMs?: number;
  /** Runs in the attacker's process: prepares its bytes, calls `field.begin`, and sends them. */
  run(field: Field, parameters: Parameters): Promise<void>;
  /**
   * Says what is wrong beyond the figures, or `undefined`; runs in the command's process, for both languages.
   * `notes` is what the attacker noted.
   */
  check?(result: NetworkOutcome, parameters: Parameters): string | undefined;
}

/** The outcome of a network attack, as its check sees it. */
export interface NetworkOutcome {
  language: "go" | "ts";
  notes: Readonly<Record<string, unknown>>;
  /** Everything that the victim wrote, on standard output and standard error. */
  output: string;
}

/** The folder for the files of a command attack, and the programs that it can run beside the command. */
export interface Workshop {
  /** An empty folder of this run. */
  folder: string;
  /** Called at the end of the run, whatever came of it. */
  atEnd(action: () => unknown): void;
  /** An IPv4 loopback network of this run, as 127.3.4. */
  network: string;
}

/** A command line of ours to run on hostile input. */
export interface HostileCommand {
  /** Without the program itself. */
  arguments: readonly string[];
  /** A script of the checkout to run through tsx, in place of the command. */
  script?: string;
  /** Bytes for standard input; none by default. */
  input?: Uint8Array;
  /** The exit statuses that are right; default 0 and 1. */
  statuses?: readonly (number | string)[];
  /** A shell that runs before the command in its process, as `ulimit -n 200`. */
  shell?: string;
  /** A module of `processes/` to preload into the command, as `slow-disk`. */
  preload?: string;
  /** Says what is wrong, or `undefined`; in addition to the attack's own check. */
  check?(outcome: CommandOutcome): string | undefined | Promise<string | undefined>;
  /** SIGINT is sent after so many milliseconds, for a command that never ends by itself. */
  interruptAfterMs?: number;
}

/** The outcome of a command attack, as its check sees it. */
export interface CommandOutcome {
  status: number | string;
  stdout: string;
  stderr: string;
  folder: string;
}

/** An attack on a command: it runs in a process of its own on files or against a server. */
export interface CommandAttack<Parameters = unknown> extends Common<Parameters> {
  /**
   * The longest time that the command gets, in milliseconds; default 90,000, as the machine may be busy. It is ended
   * earlier when it has used one and a half of its processor time.
   */
  withinMs?: number;
  /** Makes the input. */
  command(workshop: Workshop, parameters: Parameters): Promise<HostileCommand> | HostileCommand;
  /** Says what is wrong beyond the figures, or `undefined`. */
  check?(outcome: CommandOutcome, parameters: Parameters): string | undefined | Promise<string | undefined>;
}

/** An attack, as a file of `attacks/` exports it as its default. */
export type Attack<Parameters = unknown> = NetworkAttack<Parameters> | CommandAttack<Parameters>;

/** Types an attack on a running peer. */
export function defineAttack<Parameters>(attack: NetworkAttack<Parameters>): NetworkAttack<Parameters> {
  return attack;
}

/** Types an attack on a command. */
export function defineCommandAttack<Parameters>(
  attack: CommandAttack<Parameters>,
): CommandAttack<Parameters> {
  return attack;
}

/** Whether an attack is one on a command. */
export function isCommandAttack(attack: Attack): attack is CommandAttack {
  return "command" in attack;
}

/** The bars of a variant of an attack. */
export function barsOf(attack: Attack, variant: string): Bars {
  return typeof attack.bars === "function" ? attack.bars(attack.variants?.[variant]) : (attack.bars ?? {});
}
