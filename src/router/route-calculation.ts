import type { Routes } from "../topology/index.ts";
import type { Clock } from "../transport/index.ts";
import { DeferredAction } from "./deferred.ts";
import { recalculationDelayMs } from "./timing.ts";

/**
 * Sees to it that routes are recalculated soon after the mesh has changed, and lets broadcasts and gossip wait for
 * it: the timing of the original's routes (routes.go, recalculate and ensureRecalculated).
 */
export class RouteCalculation {
  readonly #deferred: DeferredAction;
  #waiting: (() => void)[] = [];

  /** `changed` runs after each recalculation. */
  constructor(clock: Clock, routes: Routes, changed: () => void) {
    this.#deferred = new DeferredAction(clock, recalculationDelayMs, () => {
      routes.calculate();
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const action of waiting) action();
      changed();
    });
  }

  /** Asks for a recalculation, within 100 ms. */
  request(): void {
    this.#deferred.request();
  }

  /** Runs `action` at once if no recalculation is pending, else after it, with a promise for that. */
  whenCurrent(action: () => void): void | Promise<void> {
    if (!this.#deferred.pending) return action();
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          resolve(action());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Runs a pending recalculation at once, so that nothing waits for it any more. */
  runNow(): void {
    this.#deferred.runNow();
  }
}
