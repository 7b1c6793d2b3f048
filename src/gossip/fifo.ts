/** A first-in, first-out queue. Adding and taking cost O(1), amortized, however long the queue is. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  /** Items before this index are taken; shifting the array each time would cost its whole length. */
  #head = 0;

  /** The number of queued items. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** The oldest item, which stays queued; undefined if the queue is empty. */
  get first(): T | undefined {
    return this.#items[this.#head];
  }

  /** Adds an item at the end. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** Removes and returns the oldest item; undefined if the queue is empty. */
  take(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) this.clear();
    else if (this.#head >= 64 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Removes all items. */
  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
