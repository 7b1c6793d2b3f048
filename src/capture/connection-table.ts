/** A connection in a table. */
export interface TableEntry {
  /** Whether something came since the table last considered dropping it, which clears the mark. */
  touched: boolean;
  /** Whether nothing is lost by dropping it. */
  readonly done: boolean;
  /** Called when the table drops it. */
  abandon(): void;
}

/**
 * Connections by their key, up to a limit. Beyond it the table drops the oldest connection to which nothing came since it
 * was last considered. Each connection that is spared costs the segment that touched it, so that dropping takes constant
 * time on average.
 */
export class ConnectionTable<T extends TableEntry> {
  readonly #limit: number;
  readonly #connections = new Map<string, T>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): T | undefined {
    return this.#connections.get(key);
  }

  /** Adds a connection as the newest, in place of one with the same key. */
  set(key: string, connection: T): void {
    this.#connections.delete(key);
    if (this.#connections.size >= this.#limit) this.#dropOne();
    this.#connections.set(key, connection);
  }

  /** Puts another connection in the place of the one with this key. */
  replace(key: string, connection: T): void {
    this.#connections.set(key, connection);
  }

  delete(key: string): void {
    this.#connections.delete(key);
  }

  /** Removes and returns the oldest connection; undefined if the table is empty. */
  take(): T | undefined {
    for (const [key, connection] of this.#connections) {
      this.#connections.delete(key);
      return connection;
    }
    return undefined;
  }

  #dropOne(): void {
    // Spared connections come again at the end, without their mark.
    for (const [key, connection] of this.#connections) {
      this.#connections.delete(key);
      if (connection.done || !connection.touched) {
        connection.abandon();
        return;
      }
      connection.touched = false;
      this.#connections.set(key, connection);
    }
  }
}
