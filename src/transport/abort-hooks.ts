/** What is to be done when a signal aborts. */
const hooks = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `aborted` when the signal aborts, unless the function returned is called before. However many wait, the signal has
 * one listener, as an EventTarget is slow to add and remove them.
 */
export function whenAborted(signal: AbortSignal, aborted: () => void): () => void {
  const waiting = hooks.get(signal) ?? listenTo(signal);
  waiting.add(aborted);
  return () => void waiting.delete(aborted);
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const waiting = new Set<() => void>();
  hooks.set(signal, waiting);
  signal.addEventListener("abort", () => {
    for (const aborted of waiting) aborted();
  });
  return waiting;
}
