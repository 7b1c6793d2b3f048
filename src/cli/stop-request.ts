import type { Writable } from "node:stream";
import type { CommandContext, StopSignal } from "./command.ts";
import { OutputError } from "./standard-output.ts";

/** What Go prints for a signal. */
const goNames: Record<StopSignal, string> = {
  SIGINT: "interrupt",
  SIGTERM: "terminated",
  SIGHUP: "hangup",
};

/** Turns signals into promises: the first asks to end, the second to end at once. Lost output asks to end, too. */
export class StopRequest {
  /** Settles at the first signal, with Go's name for it; rejects with an OutputError if output is lost before. */
  readonly requested: Promise<string>;
  /** Aborted when {@link requested} has settled, either way. */
  readonly signal: AbortSignal;
  /** Settles at the second signal. */
  readonly insisted: Promise<void>;
  readonly #dispose: () => void;

  /** @param output ends the command when it fails; without it the command goes on. */
  constructor(context: Pick<CommandContext, "onSignal">, output?: Writable) {
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
    const abort = new AbortController();
    this.signal = abort.signal;
    this.requested.catch(() => {}).then(() => abort.abort());
    const lost = (error: Error): void => fail(new OutputError(error));
    output?.on("error", lost);
    let signals = 0;
    const leaveSignals = context.onSignal((signal) => {
      signals++;
      if (signals === 1) request(goNames[signal]);
      else insist();
    });
    this.#dispose = () => {
      leaveSignals();
      output?.off("error", lost);
    };
  }

  /** Leaves signals to the process again. */
  dispose(): void {
    this.#dispose();
  }
}
