/** One of those who share a budget. */
export interface BudgetHolder {
  /** The part of the budget that this holder uses now. */
  readonly held: number;
  /** Gives up the oldest of what it holds, by {@link SharedBudget.give}. */
  dropOldest(): void;
  /** Reports what was dropped since the last call; called once after a series of `dropOldest`. */
  reportDropped(): void;
}

/**
 * A limit on what several holders use together, such as the bytes that wait at all connections.
 *
 * Beyond the limit the holder that uses most drops its oldest pieces, until a sixteenth of the limit is free. So the
 * search for that holder is made once in many additions, and a holder that uses little loses nothing to one that
 * uses much.
 */
export class SharedBudget {
  readonly limit: number;
  readonly #slack: number;
  readonly #holders = new Set<BudgetHolder>();
  #used = 0;

  /** @param limit in the unit that the holders count in. */
  constructor(limit: number) {
    this.limit = limit;
    this.#slack = Math.ceil(limit / 16);
  }

  /** The sum of what the holders use. */
  get used(): number {
    return this.#used;
  }

  /** Adds a holder. One that uses nothing need not be added. */
  join(holder: BudgetHolder): void {
    this.#holders.add(holder);
  }

  /** Removes a holder, which must have given back all that it used. */
  leave(holder: BudgetHolder): void {
    this.#holders.delete(holder);
  }

  /** Counts an addition. Never drops anything: see {@link enforce}. */
  take(amount: number): void {
    this.#used += amount;
  }

  /** Counts a removal. */
  give(amount: number): void {
    this.#used -= amount;
  }

  /** Makes the holders that use most drop their oldest pieces if the limit is exceeded. Call it after `take`. */
  enforce(): void {
    if (this.#used <= this.limit) return;
    const goal = this.limit - this.#slack;
    while (this.#used > goal) {
      const largest = this.#largest();
      if (largest === undefined) return;
      while (this.#used > goal && largest.held > 0) largest.dropOldest();
      largest.reportDropped();
    }
  }

  #largest(): BudgetHolder | undefined {
    let largest: BudgetHolder | undefined;
    for (const holder of this.#holders) if (holder.held > (largest?.held ?? 0)) largest = holder;
    return largest;
  }
}
