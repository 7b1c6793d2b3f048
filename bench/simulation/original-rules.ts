import { GossipChannel } from "../../src/gossip/channel.ts";
import type { OpaqueData } from "../../src/gossip/gossiper.ts";
import { GossipSender } from "../../src/gossip/sender.ts";

/** What stands around each gossip: length, tag, channel, source, header of the payload. */
const envelopeBytes = 36;

/** Messages of one kind; one in so many is encoded, to learn its length. */
class Tally {
  messages = 0;
  readonly #sampleEvery: number;
  #sampled = 0;
  #sampledBytes = 0;

  constructor(sampleEvery: number) {
    this.#sampleEvery = sampleEvery;
  }

  get bytes(): number {
    return this.#sampled === 0 ? 0 : (this.#sampledBytes / this.#sampled) * this.messages;
  }

  add(data: OpaqueData): void {
    if (this.messages++ % this.#sampleEvery !== 0) return;
    for (const payload of data.encode()) this.#sampledBytes += payload.length + envelopeBytes;
    this.#sampled++;
  }
}

/**
 * What the original's rules send in the same course of events, if no sender ever finds anything to merge with: each
 * announcement, relay, complete or periodic gossip is a message of its own to each neighbour that it is meant for.
 *
 * The original's sender is a goroutine that takes what there is as soon as it runs, so that a mesh of true Go peers
 * lies between this and ours, where all that is handed in during one turn of the event loop goes out as one.
 */
export class OriginalRules {
  /** All that a new neighbour is told because it could not be reached before. */
  readonly complete: Tally;
  /** Announcements, what was new in gossip, and the periodic gossip. */
  readonly others: Tally;

  constructor(sampleEvery: number) {
    this.complete = new Tally(sampleEvery);
    this.others = new Tally(sampleEvery);
  }

  get messages(): number {
    return this.complete.messages + this.others.messages;
  }

  get bytes(): number {
    return this.complete.bytes + this.others.bytes;
  }

  /** Sees everything that is handed to any sender of gossip in this process from now on. */
  observe(): void {
    const { addGossip } = GossipSender.prototype;
    const { sendEverythingDown } = GossipChannel.prototype;
    let tally = this.others;
    GossipSender.prototype.addGossip = function (data) {
      tally.add(data);
      addGossip.call(this, data);
    };
    const { complete, others } = this;
    GossipChannel.prototype.sendEverythingDown = function (connection) {
      tally = complete;
      sendEverythingDown.call(this, connection);
      tally = others;
    };
  }
}
