/** Promises that settle when a socket has drained or its connection has ended. */
export class DrainWaiters {
  #waiters: { resolve(): void; reject(error: Error): void }[] = [];

  /** Returns a promise that `drained` resolves and `closed` rejects. */
  wait(): Promise<void> {
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Resolves all promises. */
  drained(): void {
    for (const waiter of this.#takeAll()) waiter.resolve();
  }

  /** Rejects all promises. */
  closed(error: Error): void {
    for (const waiter of this.#takeAll()) waiter.reject(error);
  }

  #takeAll(): { resolve(): void; reject(error: Error): void }[] {
    const all = this.#waiters;
    this.#waiters = [];
    return all;
  }
}
