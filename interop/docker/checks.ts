/** Checks against real containers, one after the other, each a line of output. */
export class Checks {
  #passed = 0;
  #failed = 0;

  /** Whether nothing has failed so far. */
  get allPassed(): boolean {
    return this.#failed === 0;
  }

  /** Runs one check; what it throws is its failure. @returns whether it passed. */
  async check(title: string, body: () => Promise<void>): Promise<boolean> {
    const start = performance.now();
    try {
      await body();
      this.#passed++;
      console.log(`  ok    ${title} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
      return true;
    } catch (error) {
      this.#failed++;
      console.log(`  FAIL  ${title}: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }

  /** Prints the closing line and returns the exit status. A run without any check has failed. */
  finish(): number {
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
    return this.#failed === 0 && this.#passed > 0 ? 0 : 1;
  }
}
