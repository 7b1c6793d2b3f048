import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command, CommandContext } from "./command.ts";
import { CliError, oneLine } from "./errors.ts";
import { packageFolder } from "./package-folder.ts";
import { CommandOutput, OutputError } from "./standard-output.ts";

interface Entry {
  readonly name: string;
  readonly summary: string;
  /** Loaded on use, so that one command does not pay for the others. */
  load(): Promise<Command>;
}

/** Every command, in the order in which `--help` lists them. */
const commands: readonly Entry[] = [
  {
    name: "join",
    summary: "be a peer in a mesh: follow a channel, send to it, serve the peer's status",
    load: async () => (await import("./join.ts")).join,
  },
  {
    name: "status",
    summary: "show the peers, connections and routes of a running peer",
    load: async () => (await import("./status.ts")).status,
  },
  {
    name: "gob",
    summary: "look into a gob stream: its values, its types",
    load: async () => (await import("./gob.ts")).gob,
  },
  {
    name: "capture",
    summary: "record mesh sessions: as a proxy in front of a peer, or out of a packet capture",
    load: async () => (await import("./capture.ts")).capture,
  },
  {
    name: "inspect",
    summary: "read recorded sessions like a conversation",
    load: async () => (await import("./inspect.ts")).inspect,
  },
  {
    name: "replay",
    summary: "play one side of a recorded session against a live peer",
    load: async () => (await import("./replay.ts")).replay,
  },
  {
    name: "demo",
    summary: "watch Go and TypeScript peers form one mesh",
    load: async () => (await import("./demo.ts")).demo,
  },
];

/**
 * Runs a command line (without the program's own name), and waits until its output is written.
 *
 * A reader that closes standard output early, as `head` does, ends the command without an error. Output that is lost for
 * another reason is a failure. An error of standard error is ignored: there is nowhere to report it.
 *
 * @returns the exit status: 0 success, 1 failure, 2 a mistake in the arguments. Failures have been reported in one line
 * on standard error.
 */
export async function dispatch(args: readonly string[], context: CommandContext): Promise<0 | 1 | 2> {
  const stdout = new CommandOutput(context.stdout);
  let status: 0 | 1 | 2 = 0;
  const report = (error: unknown): void => {
    context.stderr.write(`weave-mesh: ${oneLine(error)}\n`);
    status = error instanceof CliError ? error.exitStatus : 1;
  };
  context.stderr.on("error", ignore);
  try {
    await run(args, withOutput(context, stdout));
  } catch (error) {
    if (!(error instanceof OutputError)) report(error);
  }
  const lost = await stdout.finish();
  if (lost !== undefined && !lost.readerGone) report(lost);
  return status;
}

function ignore(): void {}

function withOutput(context: CommandContext, stdout: CommandOutput): CommandContext {
  const { stdin, stderr, terminal, surroundings } = context;
  return {
    stdin,
    stdout,
    stderr,
    terminal,
    onSignal: (listener) => context.onSignal(listener),
    ...(surroundings !== undefined && { surroundings }),
  };
}

async function run([name, ...rest]: readonly string[], context: CommandContext): Promise<void> {
  if (name === undefined) throw new CliError("usage", "a command is missing; weave-mesh --help lists them");
  if (name === "--version") {
    context.stdout.write(`${version()}\n`);
    return;
  }
  if (isHelp(name) || name === "help") {
    context.stdout.write(overview());
    return;
  }
  const entry = commands.find((candidate) => candidate.name === name);
  if (entry === undefined) {
    throw new CliError("usage", `unknown command ${JSON.stringify(name)}; weave-mesh --help lists them`);
  }
  const command = await entry.load();
  if (rest.some(isHelp)) context.stdout.write(command.help);
  else await command.run(rest, context);
}

function isHelp(argument: string): boolean {
  return argument === "--help" || argument === "-help" || argument === "-h";
}

function overview(): string {
  const width = Math.max(...commands.map((entry) => entry.name.length));
  const lines = commands.map((entry) => `  ${entry.name.padEnd(width)}  ${entry.summary}`);
  return `Usage: weave-mesh COMMAND [FLAG…]

A full peer of weaveworks/mesh.

${lines.join("\n")}

weave-mesh COMMAND --help says more about one of them.
Exit status: 0 success, 1 failure, 2 wrong arguments. A reader that closes standard output, as head does, ends a command
without an error; capture as a proxy goes on.
`;
}

function version(): string {
  const text = readFileSync(join(packageFolder, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
