import { cutText } from "../go-text/index.ts";
import type { PeerDescription } from "../topology/index.ts";
import type { Features, RefusalReason, VersionRange } from "../wire/index.ts";
import { endOfSession, refusalOfSession } from "./end-reason.ts";
import type { Item } from "./item.ts";
import type { MessageView } from "./message-view.ts";
import type { SessionEnd, Side } from "./session-file.ts";
import type { TopologyDifference } from "./topology-knowledge.ts";

/** The most kinds of traffic that are counted by themselves; the messages of further ones are counted together. */
export const maxTrafficKinds = 1000;
/** The most bytes of a channel's name. */
const maxChannelBytes = 256;

/** One side in numbers. */
export interface SideSummary {
  /** Bytes on the wire; in a plain recording, the parts' own. */
  bytes: number;
  messages: number;
  /** Messages that no key opened. */
  sealedMessages: number;
  range?: VersionRange;
  /** Whether it sent a public key. */
  sealed?: boolean;
  features?: Features;
  /** When its last message came, milliseconds since the epoch. */
  lastMessageAt?: number;
  end?: { readonly at: number; readonly end: SessionEnd };
  /** Its first message that cannot be read. */
  fault?: string;
}

/** The traffic of one kind on one channel. */
export interface ChannelTraffic {
  readonly kind: string;
  /** Empty for messages that belong to none; cut if it is long. */
  readonly channel: string;
  messages: number;
  payloadBytes: number;
}

/** Topology updates, and their parts that were no news. */
export interface TopologyTraffic {
  updates: number;
  updateBytes: number;
  /** Updates in which nothing was new, and their bytes. */
  repeatedUpdates: number;
  repeatedBytes: number;
  /** Descriptions of peers, and those among them of which nothing was new. */
  descriptions: number;
  repeatedDescriptions: number;
}

/** A session in numbers. */
export class SessionSummary {
  readonly dialler: SideSummary = { bytes: 0, messages: 0, sealedMessages: 0 };
  readonly listener: SideSummary = { bytes: 0, messages: 0, sealedMessages: 0 };
  readonly topology: TopologyTraffic = {
    updates: 0,
    updateBytes: 0,
    repeatedUpdates: 0,
    repeatedBytes: 0,
    descriptions: 0,
    repeatedDescriptions: 0,
  };
  /** The two sides seal with different keys, as their passwords differ. */
  differentKeys = false;
  /** Pieces of the recording that cannot be read or are missing. */
  damage = 0;
  /** Remarks of the recorder: contradictions, or why the recording stops. */
  notes = 0;
  /** The mesh as it was last described. */
  peers: readonly PeerDescription[] = [];
  readonly #channels = new Map<string, ChannelTraffic>();
  readonly #others: ChannelTraffic = { kind: "others", channel: "", messages: 0, payloadBytes: 0 };

  /** By kind and channel, most messages first; at the end those of kinds beyond {@link maxTrafficKinds}, as `others`. */
  get channels(): readonly ChannelTraffic[] {
    const sorted = [...this.#channels.values()].sort((a, b) => b.messages - a.messages);
    return this.#others.messages === 0 ? sorted : [...sorted, this.#others];
  }

  /** The reason for the end of the session, in a sentence. */
  get reason(): string {
    return endOfSession(this);
  }

  /** The likely reason for which the session was refused, as a code; undefined if it was not. */
  get refusal(): RefusalReason | undefined {
    return refusalOfSession(this);
  }

  of(side: Side): SideSummary {
    return side === "dialler" ? this.dialler : this.listener;
  }

  /** Counts an item, and the message in it. */
  add(item: Item, view?: MessageView, difference?: TopologyDifference): void {
    const side = this.of(item.from);
    if (item.kind !== "damage") side.bytes += item.wireBytes;
    switch (item.kind) {
      case "header":
        // Not the item, whose bytes are a view of a larger buffer.
        side.range = { minVersion: item.minVersion, maxVersion: item.maxVersion };
        break;
      case "key":
        side.sealed = item.publicKey !== undefined;
        break;
      case "features":
        side.features = item.features;
        side.sealed ??= item.features.has("PublicKey");
        break;
      case "sealed":
        if (item.number > 0) side.messages++;
        side.sealedMessages++;
        side.lastMessageAt = item.at;
        break;
      case "damage":
        this.damage++;
        break;
      case "note":
        this.notes++;
        break;
      case "end":
        side.end ??= item;
        break;
      case "message":
        side.messages++;
        side.lastMessageAt = item.at;
        if (view?.fault !== undefined) side.fault ??= view.fault;
        if (difference?.fault !== undefined) side.fault ??= difference.fault;
        if (view !== undefined) this.#count(view, difference);
    }
  }

  #trafficOf(kind: string, channel: string): ChannelTraffic {
    const key = `${kind} ${channel}`;
    const known = this.#channels.get(key);
    if (known !== undefined) return known;
    if (this.#channels.size >= maxTrafficKinds) return this.#others;
    const traffic = { kind, channel, messages: 0, payloadBytes: 0 };
    this.#channels.set(key, traffic);
    return traffic;
  }

  #count(view: MessageView, difference: TopologyDifference | undefined): void {
    const channel = cutText(view.channel ?? "", maxChannelBytes);
    const traffic = this.#trafficOf(view.kind, channel);
    traffic.messages++;
    traffic.payloadBytes += view.payload.length;
    if (difference === undefined) return;
    const { topology } = this;
    topology.updates++;
    topology.updateBytes += view.payload.length;
    topology.descriptions += difference.described;
    topology.repeatedDescriptions += difference.repeated;
    if (difference.news.length === 0 && difference.fault === undefined) {
      topology.repeatedUpdates++;
      topology.repeatedBytes += view.payload.length;
    }
  }
}
