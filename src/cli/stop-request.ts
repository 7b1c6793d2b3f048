import type { CommandContext, StopSignal } from "./command.ts";

/** What Go prints for a signal. */
const goNames: Record<StopSignal, string> = { SIGINT: "interrupt", SIGTERM: "terminated" };

/** Turns signals into promises: the first asks to end, the second to end at once. */
export class StopRequest {
  /** Settles at the first signal, with Go's name for it; rejects with what `fail` was given. */
  readonly requested: Promise<string>;
  /** Settles at the second signal. */
  readonly insisted: Promise<void>;
  readonly #fail: (error: unknown) => void;
  readonly #dispose: () => void;

  constructor(context: Pick<CommandContext, "onSignal">) {
    let request = (_name: string): void => {};
    let fail = (_error: unknown): void => {};
    let insist = (): void => {};
    this.requested = new Promise((resolve, reject) => {
      request = resolve;
      fail = reject;
    });
    this.insisted = new Promise((resolve) => {
      insist = resolve;
    });
    // Nobody may be waiting yet, or any more, when it fails.
    this.requested.catch(() => {});
    this.#fail = fail;
    let signals = 0;
    this.#dispose = context.onSignal((signal) => {
      signals++;
      if (signals === 1) request(goNames[signal]);
      else insist();
    });
  }

  /** Asks to end because of an error. */
  fail(error: unknown): void {
    this.#fail(error);
  }

  /** Leaves signals to the process again. */
  dispose(): void {
    this.#dispose();
  }
}
