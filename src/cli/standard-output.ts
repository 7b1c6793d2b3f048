import { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { CliError, oneLine } from "./errors.ts";

/** The codes by which a write reports that the reader of a pipe or socket has gone. */
const readerGone: ReadonlySet<string | undefined> = new Set(["EPIPE", "ECONNRESET"]);

/**
 * Standard output could not be written. `readerGone` is true if its reader has closed the pipe, as `head` does, which is
 * no failure of the command.
 */
export class OutputError extends CliError {
  readonly readerGone: boolean;

  constructor(cause: Error) {
    super("failed", `standard output: ${oneLine(cause)}`, { cause });
    this.readerGone = readerGone.has((cause as NodeJS.ErrnoException).code);
  }
}

/**
 * The standard output of one command, written to another stream.
 *
 * Unlike Node's standard streams it keeps its first error: it emits `error` and `close` once and stays destroyed, so that
 * neither a command nor the end of the process misses lost output. Small pieces that wait are written together.
 */
export class CommandOutput extends Writable {
  readonly #target: Writable;

  constructor(target: Writable) {
    super({ decodeStrings: true });
    this.#target = target;
    // The target's callbacks report failed writes; this listener keeps its events from ending the process.
    target.on("error", (error) => this.destroy(error));
    // Commands look at `errored`; not every command has a listener of its own.
    this.on("error", () => {});
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.#target.write(chunk, done);
  }

  override _writev(pieces: readonly { chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
    this.#target.write(Buffer.concat(pieces.map(({ chunk }) => chunk)), done);
  }

  /** Ends the output and waits until all of it is written; the target stays open. Returns the error that lost some of it. */
  async finish(): Promise<OutputError | undefined> {
    this.end();
    await finished(this).catch(() => {});
    return this.errored === null ? undefined : new OutputError(this.errored);
  }
}

/** Settles when a stream that is full can take more, or has closed. Leaves no listener behind. */
export function writable(output: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (output.destroyed || !output.writableNeedDrain) {
      resolve();
      return;
    }
    const settle = (): void => {
      for (const event of ["drain", "error", "close"]) output.off(event, settle);
      resolve();
    };
    for (const event of ["drain", "error", "close"]) output.on(event, settle);
  });
}

/**
 * Writes to standard output; settles when it can take more, so that a slow reader slows the writer down.
 *
 * @throws OutputError if output is lost.
 */
export async function writeOutput(output: Writable, data: string | Uint8Array): Promise<void> {
  throwIfLost(output);
  if (!output.write(data)) await writable(output);
  throwIfLost(output);
}

function throwIfLost(output: Writable): void {
  if (output.errored !== null) throw new OutputError(output.errored);
}
