import { BySource, type SourceEntry } from "./by-source.ts";
import { RouterError } from "./errors.ts";
import { sourceOf } from "./source-address.ts";

/** The limit of connections, in both directions, that have not proved that they know the password. */
export const maxUnprovedConnections = 1024;

/** The limit of the memory that all these connections hold together, in bytes. */
export const maxUnprovedBytes = 64 * 1024 * 1024;

/** The memory of a connection's own objects, in bytes: socket, handshake and timer take 17 KiB in Node 20. */
export const connectionMemoryBytes = 16 * 1024;

/** A connection as the budgets see it. */
export interface UnprovedConnection {
  /** The IP address of the other end, in canonical form. */
  readonly remoteHost: string;
  readonly remoteAddress: string;
  /** Resets the connection. */
  shutdown(error: Error): void;
}

/** The part of one connection in the budgets. */
export interface UnprovedShare {
  /** Sets the memory that the connection holds besides its own objects, in bytes. */
  hold(bytes: number): void;
  /** Takes the connection out of the budgets: it has proved itself, or ended. */
  release(): void;
}

/**
 * The budgets of all connections that have not proved that they know the password.
 *
 * Beyond a limit the newest connection of the source address that holds most is reset: most connections, or most memory.
 * One address can so take no more than what the others leave. Connections that have proved themselves are not in here.
 */
export class UnprovedConnections {
  readonly #connections = new BySource<UnprovedConnection>();

  /** The number of connections. */
  get size(): number {
    return this.#connections.size;
  }

  /** The memory that they hold, in bytes. */
  get heldBytes(): number {
    return this.#connections.weight;
  }

  /** Adds a connection, which may be reset for it. */
  add(connection: UnprovedConnection): UnprovedShare {
    const entry = this.#connections.add(sourceOf(connection.remoteHost), connection);
    this.#connections.weigh(entry, connectionMemoryBytes);
    if (this.#connections.size > maxUnprovedConnections) {
      this.#reset(this.#connections.newestOfLargest()!, `${maxUnprovedConnections} connections`);
    }
    this.#limitMemory();
    return {
      hold: (bytes) => {
        const grows = connectionMemoryBytes + bytes > entry.weight;
        this.#connections.weigh(entry, connectionMemoryBytes + bytes);
        if (grows) this.#limitMemory();
      },
      release: () => this.#connections.remove(entry),
    };
  }

  #limitMemory(): void {
    // Visits each address once for each connection that is reset, of which few come in a second.
    while (this.#connections.weight > maxUnprovedBytes) {
      this.#reset(this.#connections.newestOfHeaviest()!, `${maxUnprovedBytes} bytes`);
    }
  }

  #reset(entry: SourceEntry<UnprovedConnection>, limit: string): void {
    this.#connections.remove(entry);
    const { remoteAddress: address } = entry.item;
    const text = `limit of connections that have not proved to know the password reached (${limit})`;
    entry.item.shutdown(new RouterError("unproved-limit", text, { address }));
  }
}
