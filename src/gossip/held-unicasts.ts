import type { GossipConnection } from "./connection.ts";

/** The bytes that a next hop may be behind before we stop reading from the connections that send to it. */
export const relayBacklogBytes = 1024 * 1024;

/** The most memory of relayed unicasts that waits for one next hop beyond its socket, in bytes; more are dropped. */
export const heldUnicastBytes = 16 * 1024 * 1024;

/** The most memory of relayed unicasts that waits for all next hops together, in bytes; more are dropped. */
export const totalHeldUnicastBytes = 64 * 1024 * 1024;

/**
 * Relayed unicasts whose next hop is more than {@link relayBacklogBytes} behind.
 *
 * Each connection that is read holds at most one, as it is not read meanwhile. But it can end and come back with
 * another, and there may be many, so the bytes have a budget of their own. The original has none.
 */
export class HeldUnicasts {
  readonly #perHop: number;
  readonly #limit: number;
  readonly #bytes = new Map<GossipConnection, number>();
  #total = 0;

  constructor(perHop = heldUnicastBytes, limit = totalHeldUnicastBytes) {
    this.#perHop = perHop;
    this.#limit = limit;
  }

  /** The bytes that are held. */
  get total(): number {
    return this.#total;
  }

  /** Whether a connection is so far behind that unicasts for it must be held. */
  static behind(connection: GossipConnection): boolean {
    return connection.queuedBytes > relayBacklogBytes && !connection.writable;
  }

  /**
   * Calls `send` once the connection is no longer behind, never if it ends before. Returns undefined if there are too
   * many bytes already: the message is to be dropped.
   *
   * @param body the message, whose whole buffer counts.
   */
  hold(connection: GossipConnection, body: Uint8Array, send: () => void): Promise<void> | undefined {
    const bytes = body.buffer.byteLength;
    const held = this.#bytes.get(connection) ?? 0;
    if (held + bytes > this.#perHop || this.#total + bytes > this.#limit) return undefined;
    this.#bytes.set(connection, held + bytes);
    this.#total += bytes;
    return this.#wait(connection, bytes, send);
  }

  async #wait(connection: GossipConnection, bytes: number, send: () => void): Promise<void> {
    try {
      // Others that waited may have filled the socket again.
      while (HeldUnicasts.behind(connection)) await connection.drained();
    } catch {
      return; // The next hop has ended: the message has nowhere to go.
    } finally {
      this.#total -= bytes;
      const left = this.#bytes.get(connection)! - bytes;
      if (left === 0) this.#bytes.delete(connection);
      else this.#bytes.set(connection, left);
    }
    send();
  }
}
