import type { Readable, Writable } from "node:stream";
import type { RouterOptions } from "../index.ts";

/** What stops a running command from outside. */
export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/**
 * The surroundings of a command. Handed in, so that a test can run one without a process of its own.
 */
export interface CommandContext {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Whether standard output is a terminal that understands escape sequences. */
  readonly terminal: boolean;
  /** Calls `listener` for each signal that asks the command to end; the result removes it again. */
  onSignal(listener: (signal: StopSignal) => void): () => void;
  /** Network, clock and randomness for routers, instead of the real ones. */
  readonly surroundings?: Pick<RouterOptions, "transport" | "clock" | "random">;
}

/** One command of `weave-mesh`: a file of its own, listed in commands.ts. */
export interface Command {
  /** What `--help` prints: a usage line, what the command does, its flags. */
  readonly help: string;
  /**
   * Runs the command with the arguments after its name.
   *
   * @returns when the command has succeeded.
   * @throws CliError for what the user is told in one line.
   */
  run(args: readonly string[], context: CommandContext): Promise<void>;
}
