import type { Flavour } from "../peer-name.ts";
import { maxUnreadBytes } from "./direction-state.ts";
import { Dissector } from "./dissector.ts";
import type { Item } from "./item.ts";
import type { KeyRing } from "./key-ring.ts";
import { MemoryBudget } from "./memory-budget.ts";
import { type MessageView, viewMessage } from "./message-view.ts";
import type { SessionHeader, SessionRecord } from "./session-file.ts";
import { SessionSummary } from "./session-summary.ts";
import { maxKnowledgeBytes, type TopologyDifference, TopologyKnowledge } from "./topology-knowledge.ts";

/** An item of a session with what it means. */
export interface Entry {
  readonly item: Item;
  /** Of a message. */
  readonly view?: MessageView;
  /** Of a topology update. */
  readonly difference?: TopologyDifference;
}

/** Memory that the inspectors of several sessions share. */
export interface InspectionMemory {
  /** For incomplete messages: {@link maxUnreadBytes}. */
  readonly unread: MemoryBudget;
  /** For described peers: {@link maxKnowledgeBytes}. */
  readonly knowledge: MemoryBudget;
}

/** Memory for sessions that are read together. */
export function inspectionMemory(): InspectionMemory {
  return { unread: new MemoryBudget(maxUnreadBytes), knowledge: new MemoryBudget(maxKnowledgeBytes) };
}

/** Reads one session: what was said, what it means, and in the end what it amounts to. */
export class SessionInspector {
  readonly header: SessionHeader;
  readonly summary = new SessionSummary();
  readonly knowledge: TopologyKnowledge;
  readonly #dissector: Dissector;
  #flavour: Flavour | undefined;

  /** `memory` is for sessions that are read together; by default the session has its own. */
  constructor(header: SessionHeader, keys?: KeyRing, memory: InspectionMemory = inspectionMemory()) {
    this.header = header;
    this.knowledge = new TopologyKnowledge(memory.knowledge);
    this.#flavour = header.flavour;
    this.#dissector = new Dissector({ header, keys, unread: memory.unread });
    const { dialler, listener } = header;
    if (typeof dialler.password === "string" && typeof listener.password === "string") {
      this.summary.differentKeys = dialler.password !== listener.password;
    }
  }

  /** The protocol version that the two sides chose, once both headers were seen. */
  get protocol(): 1 | 2 | undefined {
    return this.#dissector.version;
  }

  /** The kind of peer names; `mac` until features have told. */
  get flavour(): Flavour {
    return this.#flavour ?? "mac";
  }

  /** Takes a record; returns the entries that it completes. */
  push(record: SessionRecord): Entry[] {
    return this.#entries(this.#dissector.push(record));
  }

  /** To be called when no more records will come. */
  finish(): Entry[] {
    const entries = this.#entries(this.#dissector.finish());
    this.summary.peers = this.knowledge.peers;
    const dialler = this.#dissector.keyOf("dialler");
    const listener = this.#dissector.keyOf("listener");
    if (dialler !== undefined && listener !== undefined && Buffer.compare(dialler, listener) !== 0) {
      this.summary.differentKeys = true;
    }
    return entries;
  }

  /** Gives back shared memory. To be called when the summary is no longer needed. */
  release(): void {
    this.knowledge.release();
    this.summary.peers = [];
  }

  /** The session key of what a side sent, when it was needed and found. */
  get dissector(): Dissector {
    return this.#dissector;
  }

  /** Where no features told the flavour, the first message that can only be read in one of them does. */
  #view(message: Uint8Array): MessageView {
    const view = viewMessage(message, this.flavour);
    if (view.fault === undefined || this.#flavour !== undefined) return view;
    const other = viewMessage(message, "hash");
    if (other.fault !== undefined) return view;
    this.#flavour = "hash";
    return other;
  }

  #entries(items: readonly Item[]): Entry[] {
    return items.map((item) => this.#entry(item));
  }

  #entry(item: Item): Entry {
    if (item.kind === "features") {
      const flavour = item.features.get("PeerNameFlavour");
      if (flavour === "mac" || flavour === "hash") this.#flavour ??= flavour;
    }
    if (item.kind !== "message") {
      this.summary.add(item);
      return { item };
    }
    const view = this.#view(item.bytes);
    const isUpdate =
      view.channel === "topology" &&
      view.fault === undefined &&
      (view.kind === "gossip" || view.kind === "broadcast");
    const difference = isUpdate ? this.knowledge.apply(view.payload, this.flavour) : undefined;
    this.summary.add(item, view, difference);
    return difference === undefined ? { item, view } : { item, view, difference };
  }
}
