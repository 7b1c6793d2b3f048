import type { StatusDocument } from "../status-document.ts";

/** A message that a peer of the demo has received on the channel for chat. */
export interface Heard {
  readonly kind: string;
  /** The sender's peer name. */
  readonly source: string;
  readonly text: string;
}

/** The channel for unicasts and broadcasts, and the one for the counter. */
export const chatChannel = "chat";
export const counterChannel = "counter";

/** A peer of the demo, whatever it is written in. */
export interface DemoPeer {
  readonly nickname: string;
  readonly name: string;
  /** For a person: "TypeScript (this process, Node v22.1.0)". */
  readonly language: string;
  /** Where other peers reach it, as HOST:PORT. */
  readonly address: string;
  status(): Promise<StatusDocument>;
  unicast(destination: string, text: string): Promise<void>;
  broadcast(text: string): Promise<void>;
  /** Everything heard so far on the channel for chat. */
  heard(): Promise<readonly Heard[]>;
  /** Counts so many times under this peer's name. */
  increment(times: number): Promise<void>;
  /** The counter's value as this peer knows it. */
  count(): Promise<number>;
  stop(): Promise<void>;
}

/** What a peer of the demo is started with. All its connections are those it makes to `targets`, and those to it. */
export interface DemoPeerOptions {
  readonly nickname: string;
  /** A MAC address. */
  readonly name: string;
  readonly password: string;
  readonly targets: readonly string[];
}
