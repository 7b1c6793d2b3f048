import { Backlog, surrogateBacklogBytes, totalBacklogBytes } from "./backlog.ts";
import type { GossipConnection } from "./connection.ts";
import { GossipSender, type SenderChannel } from "./sender.ts";
import { SharedBudget } from "./shared-budget.ts";

/** The most senders without data that one connection keeps; remote peers choose the names of channels. */
export const maxIdleSenders = 64;

/**
 * The merging senders of one connection, one for each channel: what the original calls gossipSenders (gossip.go).
 *
 * Data added during one turn of the event loop goes out at its end, merged; while the socket is full, it waits
 * for `drained`.
 */
export class GossipSenders {
  readonly #connection: GossipConnection;
  readonly #backlog: Backlog;
  readonly #senders = new Map<SenderChannel, GossipSender>();
  /** Senders with something to send, in the order in which they get their turn. */
  readonly #waiting = new Set<GossipSender>();
  #scheduled = false;
  #closed = false;

  /**
   * @param total the budget that all connections share, in bytes; default one for this connection alone.
   * @param limit the budget of this connection, in bytes.
   */
  constructor(
    connection: GossipConnection,
    total = new SharedBudget(totalBacklogBytes),
    limit = surrogateBacklogBytes,
  ) {
    this.#connection = connection;
    this.#backlog = new Backlog(
      total,
      (messages, bytes) => connection.journal.dropped(messages, bytes),
      limit,
    );
  }

  /** Lets `add` put data into the channel's sender, which is made at first use, and sees to its delivery. */
  add(channel: SenderChannel, add: (sender: GossipSender) => void): void {
    if (this.#closed) return;
    let sender = this.#senders.get(channel);
    if (sender === undefined) {
      sender = new GossipSender(this.#connection, channel, this.#backlog, (empty) => this.#forget(empty));
      this.#senders.set(channel, sender);
    }
    // Before adding: a sender whose data is dropped at once must not stay in either table.
    this.#waiting.add(sender);
    add(sender);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.deliver();
    });
  }

  /** Sends the waiting data as far as the socket takes it; to be called when it has drained. */
  deliver(): void {
    for (const sender of this.#waiting) {
      if (!this.#connection.writable) break;
      sender.deliver();
      // A sender with more to send goes to the end of the queue, so that no channel starves another.
      this.#waiting.delete(sender);
      if (!sender.empty) this.#waiting.add(sender);
      else if (this.#senders.size > maxIdleSenders) this.#senders.delete(sender.channel);
    }
    this.#backlog.detach();
  }

  /** Whether nothing waits. */
  get empty(): boolean {
    return this.#waiting.size === 0;
  }

  /** The bytes that wait for the socket, as far as they count in the connection's budget. */
  get backlogBytes(): number {
    return this.#backlog.held;
  }

  /** The number of senders that are kept. */
  get size(): number {
    return this.#senders.size;
  }

  /** Forgets the sender of a channel that was replaced; the data that waits in it still goes out. */
  retire(channel: SenderChannel): void {
    this.#senders.delete(channel);
  }

  /** The connection has ended: drops everything, and everything that is added later. */
  close(): void {
    this.#closed = true;
    for (const sender of this.#waiting) sender.discard();
    this.#waiting.clear();
    this.#senders.clear();
  }

  #forget(sender: GossipSender): void {
    this.#waiting.delete(sender);
    if (this.#senders.get(sender.channel) === sender) this.#senders.delete(sender.channel);
  }
}
