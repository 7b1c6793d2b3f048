import type { PeerName } from "weave-mesh";

/** One delivery to a channel of this peer, as GET /received reports it. */
export interface ReceivedMessage {
  kind: "unicast" | "broadcast" | "gossip";
  channel: string;
  /** Empty for gossip, whose sender the library does not say. */
  source: string;
  base64: string;
}

/** Keeps every delivery in the order in which it came. */
export class ReceivedRecord {
  readonly #messages: ReceivedMessage[] = [];

  add(kind: ReceivedMessage["kind"], channel: string, source: PeerName | "", payload: Uint8Array): void {
    this.#messages.push({ kind, channel, source, base64: Buffer.from(payload).toString("base64") });
  }

  /** What came since the caller had seen `count` messages. */
  from(count: number): ReceivedMessage[] {
    return this.#messages.slice(count);
  }
}
