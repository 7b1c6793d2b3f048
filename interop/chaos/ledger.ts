/**
 * The books of counters that are killed: which increments must still be there, and which may be lost.
 *
 * An increment is *acknowledged* when a peer that goes on living knows of it: the one that counted, or another
 * that has reported it. What only the dead knew may be lost.
 */
export class Ledger {
  /** For each key, what each living peer is known to know. */
  readonly #known = new Map<string, Map<string, number>>();
  readonly #issued = new Map<string, number>();

  /** A peer has counted under its key up to this number. */
  counted(peer: string, key: string, number: number): void {
    this.#issued.set(key, Math.max(number, this.#issued.get(key) ?? 0));
    this.#learn(peer, key, number);
  }

  /** A peer has reported its counts. */
  reported(peer: string, counts: ReadonlyMap<string, number>): void {
    for (const [key, number] of counts) this.#learn(peer, key, number);
  }

  /** A peer has lost its memory. */
  died(peer: string): void {
    for (const known of this.#known.values()) known.delete(peer);
  }

  /** What is wrong with the counts that all peers now have, or `undefined`. */
  problem(counts: ReadonlyMap<string, number>): string | undefined {
    for (const [key, known] of this.#known) {
      const acknowledged = Math.max(0, ...known.values());
      const found = counts.get(key) ?? 0;
      if (found < acknowledged) return `${key}: ${found} of ${acknowledged} acknowledged increments`;
    }
    for (const [key, found] of counts) {
      const issued = this.#issued.get(key) ?? 0;
      if (found > issued) return `${key}: ${found} increments, though only ${issued} were made`;
    }
    return undefined;
  }

  /** How many increments were made. */
  get total(): number {
    return [...this.#issued.values()].reduce((sum, number) => sum + number, 0);
  }

  #learn(peer: string, key: string, number: number): void {
    const known = this.#known.get(key) ?? new Map<string, number>();
    known.set(peer, Math.max(number, known.get(peer) ?? 0));
    this.#known.set(key, known);
  }
}
