import type { GossipData, Gossiper, PeerName } from "weave-mesh";
import type { ReceivedRecord } from "./received.ts";

/** A list of messages that wait to be sent, each in a frame of its own. */
export class LogData implements GossipData<LogData> {
  readonly #payloads: readonly Uint8Array[];

  constructor(...payloads: readonly Uint8Array[]) {
    this.#payloads = payloads;
  }

  encode(): Uint8Array[] {
    return [...this.#payloads];
  }

  merge(other: LogData): LogData {
    return new LogData(...this.#payloads, ...other.#payloads);
  }
}

/**
 * A gossiper that records what it gets and passes it on: a broadcast always, gossip when it is new. It holds
 * no state of its own, so it never sends anything unasked.
 */
export class LogChannel implements Gossiper<LogData> {
  readonly #name: string;
  readonly #record: ReceivedRecord;
  readonly #seen = new Set<string>();

  constructor(name: string, record: ReceivedRecord) {
    this.#name = name;
    this.#record = record;
  }

  onUnicast(source: PeerName, payload: Uint8Array): void {
    this.#record.add("unicast", this.#name, source, payload);
  }

  onBroadcast(source: PeerName, payload: Uint8Array): LogData {
    this.#record.add("broadcast", this.#name, source, payload);
    return new LogData(payload);
  }

  onGossip(payload: Uint8Array): LogData | undefined {
    this.#record.add("gossip", this.#name, "", payload);
    const key = Buffer.from(payload).toString("latin1");
    if (this.#seen.has(key)) return undefined;
    this.#seen.add(key);
    return new LogData(payload);
  }

  gossip(): undefined {}
}
