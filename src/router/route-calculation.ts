import type { Routes } from "../topology/index.ts";
import type { Clock, Timer } from "../transport/index.ts";
import { DeferredAction } from "./deferred.ts";
import { recalculationDelayMs } from "./timing.ts";

/**
 * The number of peers and connections that searches for broadcast routes may visit before further actions wait for another turn
 * of the event loop: a few milliseconds of work.
 */
export const maxStepsPerTurn = 256 * 1024;

/**
 * Recalculates routes soon after the mesh has changed, and lets broadcasts and gossip wait for it: the timing of the
 * original's routes (routes.go, recalculate and ensureRecalculated).
 *
 * A broadcast of a source that is new to the routes makes a search of the mesh. A peer can name each known peer as the source
 * of a broadcast, so beyond `maxStepsPerTurn` the actions take turns with everything else. Only the connections that they
 * came on wait.
 */
export class RouteCalculation {
  readonly #clock: Clock;
  readonly #routes: Routes;
  readonly #deferred: DeferredAction;
  #waiting: (() => void)[] = [];
  /** The next turn of the actions that wait though no recalculation is pending. */
  #turn: Timer | undefined;
  /** The steps of the routes when this turn began. */
  #stepsBefore = 0;

  /** `changed` runs after each recalculation. */
  constructor(clock: Clock, routes: Routes, changed: () => void) {
    this.#clock = clock;
    this.#routes = routes;
    this.#deferred = new DeferredAction(clock, recalculationDelayMs, () => {
      routes.calculate();
      this.#beginTurn();
      changed();
    });
  }

  /** Asks for a recalculation, within 100 ms. */
  request(): void {
    this.#deferred.request();
  }

  /** Runs `action` at once if no recalculation and no other action is pending, else after them, with a promise for that. */
  whenCurrent(action: () => void): void | Promise<void> {
    if (!this.#deferred.pending && this.#turn === undefined) {
      if (!this.#isSpent) return action();
      this.#turn = this.#clock.setTimeout(() => this.#beginTurn(), 0);
    }
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

  /** Runs a pending recalculation and all actions at once, so that nothing waits any more. */
  runNow(): void {
    this.#deferred.runNow();
    for (const action of this.#take()) action();
  }

  get #isSpent(): boolean {
    return this.#routes.steps - this.#stepsBefore > maxStepsPerTurn;
  }

  #beginTurn(): void {
    this.#stepsBefore = this.#routes.steps;
    const waiting = this.#take();
    let done = 0;
    while (done < waiting.length && !this.#isSpent) waiting[done++]!();
    if (done === waiting.length) return;
    // An action may have added to what waits.
    this.#waiting = [...waiting.slice(done), ...this.#waiting];
    this.#turn ??= this.#clock.setTimeout(() => this.#beginTurn(), 0);
  }

  #take(): (() => void)[] {
    this.#turn?.cancel();
    this.#turn = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }
}
