import { type GossipConnection, GossipSenders } from "../../src/gossip/index.ts";
import { PeerName } from "../../src/peer-name.ts";
import { Peer } from "../../src/topology/index.ts";

/** A connection whose socket is full or not as the test says, and which keeps what is sent on it. */
export class FakeConnection implements GossipConnection {
  readonly remote: Peer;
  readonly remoteAddress = "10.0.0.2:6783";
  readonly outbound = true;
  readonly established = true;
  readonly senders: GossipSenders = new GossipSenders(this);
  readonly sent: { tag: number; body: Uint8Array }[] = [];
  /** How many messages the socket still takes before it is full. */
  room = Number.POSITIVE_INFINITY;
  queuedBytes = 0;
  /** Drops from the backlog, as they were told of. */
  readonly drops: { messages: number; bytes: number }[] = [];
  /** Lines that were logged for received messages. */
  readonly log: string[] = [];
  readonly journal = {
    dropped: (messages: number, bytes: number): void => void this.drops.push({ messages, bytes }),
    received: (text: () => string): void => void this.log.push(text()),
  };
  #drained: (() => void)[] = [];

  constructor(name: string, nickName = "remote") {
    this.remote = new Peer({ name: PeerName.parse(name), nickName });
  }

  get writable(): boolean {
    return this.room > 0;
  }

  send(tag: number, body: Uint8Array): void {
    this.sent.push({ tag, body });
    this.room--;
  }

  drained(): Promise<void> {
    return this.room > 0 ? Promise.resolve() : new Promise((resolve) => this.#drained.push(resolve));
  }

  /** Makes room for so many messages more. */
  drain(room = Number.POSITIVE_INFINITY): void {
    this.room = room;
    for (const resolve of this.#drained.splice(0)) resolve();
    this.senders.deliver();
  }
}
