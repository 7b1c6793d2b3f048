import { setTimeout as sleep } from "node:timers/promises";

/** A condition that did not come true before its deadline. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/** The bounds of a wait. */
export interface WaitOptions {
  /** The deadline, in milliseconds from now. */
  withinMs: number;
  /** Ends the wait at once with the signal's reason, as when a peer has died. */
  signal?: AbortSignal;
}

/**
 * Waits until `probe` finds nothing missing.
 *
 * `probe` answers `undefined` when the condition holds, and otherwise says what is still missing, which
 * becomes part of the error at the deadline. It is asked again after 20 ms at first and 200 ms later on:
 * the runner shares the processor with the peers. An error that it throws counts as something missing,
 * for a peer that is being restarted refuses connections for a while.
 *
 * @throws DeadlineError at the deadline, with the last answer of the probe.
 */
export async function until(
  what: string,
  options: WaitOptions,
  probe: () => Promise<string | undefined> | string | undefined,
): Promise<void> {
  const start = performance.now();
  for (let pause = 20; ; pause = Math.min(pause * 1.5, 200)) {
    options.signal?.throwIfAborted();
    const missing = await ask(probe);
    options.signal?.throwIfAborted();
    if (missing === undefined) return;
    if (performance.now() - start + pause > options.withinMs) {
      throw new DeadlineError(`${what}: not within ${options.withinMs / 1000} s: ${missing}`);
    }
    await sleep(pause);
  }
}

async function ask(probe: () => Promise<string | undefined> | string | undefined) {
  try {
    return await probe();
  } catch (error) {
    return error instanceof Error ? describe(error) : String(error);
  }
}

function describe(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
