import { DirectionReader } from "./direction-reader.ts";
import { type DirectionState, maxUnreadBytes } from "./direction-state.ts";
import type { Item } from "./item.ts";
import type { KeyRing } from "./key-ring.ts";
import { MemoryBudget } from "./memory-budget.ts";
import type { SessionHeader, SessionRecord, Side } from "./session-file.ts";
import { SessionKeys } from "./session-keys.ts";
import { commonVersion } from "./versions.ts";

/** The options of a dissector. */
export interface DissectorOptions {
  /** Says of which layer the records are, and perhaps keys. */
  readonly header: SessionHeader;
  /** Keys to try besides those of the header. */
  readonly keys?: KeyRing | undefined;
  /** The memory for incomplete messages, shared by what is read together. Default: its own, of 256 MiB. */
  readonly unread?: MemoryBudget | undefined;
}

/**
 * Takes a recorded session apart into what its two sides said. Damage becomes an item of its own, and reading goes on
 * where it can. Records are pushed in the order of their time.
 */
export class Dissector {
  readonly #header: SessionHeader;
  readonly #startedAt: number;
  readonly #keys: SessionKeys;
  readonly #readers: Record<Side, DirectionReader>;
  readonly #state: Record<Side, DirectionState>;

  constructor({ header, keys, unread = new MemoryBudget(maxUnreadBytes) }: DissectorOptions) {
    this.#header = header;
    this.#startedAt = Date.parse(header.started);
    this.#keys = new SessionKeys(header, keys);
    this.#state = { dialler: {}, listener: {} };
    const shared = {
      state: this.#state,
      keys: this.#keys,
      unread,
      version: () => this.version,
    };
    this.#readers = {
      dialler: new DirectionReader("dialler", shared),
      listener: new DirectionReader("listener", shared),
    };
  }

  /** The protocol version, when both headers have been seen and agree on one. */
  get version(): 1 | 2 | undefined {
    const { dialler, listener } = this.#state;
    if (dialler.range === undefined || listener.range === undefined) return undefined;
    return commonVersion(dialler.range, listener.range);
  }

  /** The key of what a side sent, when it was needed and found. */
  keyOf(side: Side): Uint8Array | undefined {
    return this.#keys.keyOf(side);
  }

  /** Takes a record; returns the items that it completes, in order. */
  push(record: SessionRecord): Item[] {
    const at = this.#startedAt + record.at;
    const items: Item[] = [];
    const reader = this.#readers[record.from];
    if ("end" in record) {
      reader.end(at, record.end, items);
    } else if ("missing" in record) {
      reader.hole(at, record.missing, items);
    } else if ("note" in record) {
      reader.note(at, record.note, items);
    } else if (this.#header.layer === "plain") {
      reader.part(at, record.part ?? "message", record.bytes, items);
      return items;
    } else {
      reader.push(at, record.bytes);
    }
    this.#advance(items);
    return items;
  }

  /** Returns the items that are left over. To be called when no more records will come. */
  finish(): Item[] {
    const items: Item[] = [];
    for (const side of ["dialler", "listener"] as const) {
      this.#readers[side].finish(items);
      this.#readers[side].settle(items);
    }
    return items;
  }

  /** Reads on in turns: one side's header or public key can make the other's bytes readable. */
  #advance(items: Item[]): void {
    const { dialler, listener } = this.#readers;
    for (let moved = true; moved; ) {
      moved = dialler.advance(items);
      moved = listener.advance(items) || moved;
    }
    dialler.settle(items);
    listener.settle(items);
  }
}
