import type { GossipConnection } from "./connection.ts";
import { GossipSender, type SenderChannel } from "./sender.ts";

/**
 * The merging senders of one connection, one for each channel: what the original calls gossipSenders (gossip.go).
 *
 * What is added during one turn of the event loop goes out at its end, merged; while the socket is full, it waits
 * for `drained`.
 */
export class GossipSenders {
  readonly #connection: GossipConnection;
  readonly #senders = new Map<SenderChannel, GossipSender>();
  /** Senders with something to send, in the order in which they get their turn. */
  readonly #waiting = new Set<GossipSender>();
  #scheduled = false;

  constructor(connection: GossipConnection) {
    this.#connection = connection;
  }

  /** Lets `add` put data into the channel's sender, which is made if there is none, and sees to its delivery. */
  add(channel: SenderChannel, add: (sender: GossipSender) => void): void {
    let sender = this.#senders.get(channel);
    if (sender === undefined) {
      sender = new GossipSender(this.#connection, channel);
      this.#senders.set(channel, sender);
    }
    add(sender);
    this.#waiting.add(sender);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.deliver();
    });
  }

  /** Sends what waits as far as the socket takes it; to be called when it has drained. */
  deliver(): void {
    for (const sender of this.#waiting) {
      if (!this.#connection.writable) return;
      sender.deliver();
      // A sender that has more to say goes to the end of the queue, so that no channel starves another.
      this.#waiting.delete(sender);
      if (!sender.empty) this.#waiting.add(sender);
    }
  }

  /** Whether nothing waits. */
  get empty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Forgets the sender of a channel that was replaced; what waits in it still goes out. */
  retire(channel: SenderChannel): void {
    this.#senders.delete(channel);
  }
}
