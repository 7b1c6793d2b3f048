import { PassThrough, Writable } from "node:stream";
import type { CommandContext, StopSignal } from "../../src/cli/command.ts";

/** A stream that keeps what is written to it. */
export class TextSink extends Writable {
  text = "";
  #waiting: (() => void)[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    for (const wake of this.#waiting.splice(0)) wake();
    done();
  }

  /** The complete lines so far. */
  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }

  /** Settles with the first line for which `wanted` is true, which may be one of those that came before. */
  async line(wanted: (line: string) => boolean): Promise<string> {
    for (;;) {
      const found = this.lines.find(wanted);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

/** Surroundings for a command that a test can look at and act on. */
export class TestContext implements CommandContext {
  readonly stdin = new PassThrough();
  readonly stdout = new TextSink();
  readonly stderr = new TextSink();
  readonly terminal = false;
  readonly surroundings?: NonNullable<CommandContext["surroundings"]>;
  readonly #listeners = new Set<(signal: StopSignal) => void>();
  /** Settles when the command listens for signals. */
  readonly listening: Promise<void>;
  #listens = (): void => {};

  constructor(surroundings?: NonNullable<CommandContext["surroundings"]>) {
    if (surroundings !== undefined) this.surroundings = surroundings;
    this.listening = new Promise((resolve) => {
      this.#listens = resolve;
    });
  }

  onSignal(listener: (signal: StopSignal) => void): () => void {
    this.#listeners.add(listener);
    this.#listens();
    return () => this.#listeners.delete(listener);
  }

  /** Sends a signal to the command. */
  signal(signal: StopSignal): void {
    for (const listener of this.#listeners) listener(signal);
  }
}
