import type { Channel, GossipData, Gossiper, PeerName } from "weave-mesh";
import { Kind, numberOf, Payloads, smallestPayload } from "./payload.ts";
import { Receiver } from "./receiver.ts";

/** Messages that wait to be broadcast, each in a frame of its own. */
export class Messages implements GossipData<Messages> {
  readonly #list: Uint8Array[];

  constructor(list: Uint8Array[]) {
    this.#list = list;
  }

  encode(): Uint8Array[] {
    return this.#list;
  }

  merge(other: Messages): Messages {
    return new Messages([...this.#list, ...other.#list]);
  }
}

/** After how many broadcasts a receiver says how far it is. */
export const broadcastsPerAck = 32;

/** The receiving end of the benchmarks' channel. */
export class BenchGossiper implements Gossiper<Messages> {
  channel: Channel<Messages> | undefined;
  receiver = new Receiver(smallestPayload);
  /** Hears of the answers to pings. */
  pong: (number: number, payload: Uint8Array) => void = () => {};
  /** Hears of the answers to broadcasts. */
  ack: (from: PeerName, number: number, intact: boolean) => void = () => {};
  readonly #acks = new Payloads(smallestPayload);

  onUnicast(source: PeerName, payload: Uint8Array): void {
    switch (payload[0]) {
      case Kind.ping: {
        const answer = payload.slice();
        answer[0] = Kind.pong;
        void this.channel!.unicast(source, answer);
        return;
      }
      case Kind.pong:
        this.pong(numberOf(payload), payload);
        return;
      case Kind.ack:
      case Kind.broken:
        this.ack(source, numberOf(payload), payload[0] === Kind.ack);
        return;
      default:
        this.receiver.message(payload);
    }
  }

  onBroadcast(source: PeerName, payload: Uint8Array): Messages {
    const { receiver } = this;
    receiver.message(payload);
    if (payload[0] === Kind.end || receiver.count % broadcastsPerAck === 0) {
      const whole =
        receiver.broken === 0 && (payload[0] !== Kind.end || numberOf(payload) === receiver.count);
      void this.channel!.unicast(source, this.#acks.make(whole ? Kind.ack : Kind.broken, receiver.count));
    }
    return new Messages([payload]);
  }

  gossip(): undefined {
    return undefined;
  }

  onGossip(): undefined {
    return undefined;
  }
}
