/**
 * A function's results, remembered for the arguments met last; pure functions of few distinct arguments only. It is
 * emptied when full: peers choose many of the arguments, and must not make it grow.
 */
export class Memo<K, V> {
  readonly #compute: (key: K) => V;
  readonly #limit: number;
  readonly #results = new Map<K, V>();

  constructor(limit: number, compute: (key: K) => V) {
    this.#limit = limit;
    this.#compute = compute;
  }

  get(key: K): V {
    let result = this.#results.get(key);
    if (result === undefined) {
      result = this.#compute(key);
      if (this.#results.size >= this.#limit) this.#results.clear();
      this.#results.set(key, result);
    }
    return result;
  }
}
