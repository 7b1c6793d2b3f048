import { type ExecFileException, execFile } from "node:child_process";

/** Why a command gave no result: it is not installed, it ended with an error, or it took too long. */
export type CommandErrorCode = "not-installed" | "failed" | "timeout";

/** A command that gave no result. The message has its command line and the end of what it wrote. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly code: CommandErrorCode;
  /** What it wrote to standard error, trimmed. */
  readonly stderr: string;

  constructor(code: CommandErrorCode, message: string, stderr: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
    this.stderr = stderr;
  }
}

/** How a command is run. */
export interface RunOptions {
  cwd?: string;
  /** Added to this process's environment. */
  env?: Readonly<Record<string, string>>;
  /** The command is killed after this time, in milliseconds; default none. */
  timeoutMs?: number;
  /** What it reads from standard input; default nothing. */
  input?: string;
}

/** Runs a command to its end and returns its standard output, trimmed. @throws CommandError */
export function run(file: string, parameters: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      parameters,
      {
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        env: { ...process.env, ...options.env },
        timeout: options.timeoutMs ?? 0,
        killSignal: "SIGKILL",
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trim());
        else reject(describe(error, [file, ...parameters].join(" "), stdout, stderr, options));
      },
    );
    child.stdin?.on("error", () => {}); // it may end without reading
    child.stdin?.end(options.input ?? "");
  });
}

function describe(
  error: ExecFileException,
  line: string,
  stdout: string,
  stderr: string,
  { timeoutMs }: RunOptions,
): CommandError {
  const written = stderr.trim();
  if (error.code === "ENOENT") {
    return new CommandError("not-installed", `${line}: not installed`, written, error);
  }
  if (error.killed === true && timeoutMs !== undefined) {
    return new CommandError("timeout", `${line}: not within ${timeoutMs / 1000} s`, written, error);
  }
  const lines = (written === "" ? stdout.trim() : written).split("\n").slice(-15).join("\n");
  const how = error.signal ? `ended by ${error.signal}` : `status ${error.code}`;
  return new CommandError("failed", `${line}: ${how}${lines === "" ? "" : `:\n${lines}`}`, written, error);
}

/** Runs `docker` and returns its standard output, trimmed. @throws CommandError */
export function docker(...parameters: readonly string[]): Promise<string> {
  return run("docker", parameters);
}

/** Whether a command can be found. */
export async function isInstalled(file: string): Promise<boolean> {
  try {
    await run("sh", ["-c", 'command -v "$1"', "sh", file]);
    return true;
  } catch {
    return false;
  }
}
