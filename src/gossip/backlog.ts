import type { OpaqueData } from "./gossiper.ts";
import type { BudgetHolder, SharedBudget } from "./shared-budget.ts";
import type { QueuedMessage } from "./surrogate-data.ts";

/**
 * The most memory that waits for one neighbour that does not read, in bytes, objects included: the messages of
 * surrogate data of all channels and sources, and the broadcasts of other peers on all channels. Beyond it the oldest
 * are dropped.
 */
export const surrogateBacklogBytes = 16 * 1024 * 1024;

/**
 * The most memory that waits for all neighbours together, in bytes, counted as {@link surrogateBacklogBytes}; a
 * message that waits at several connections counts once. Beyond it the oldest of the longest backlog are dropped.
 */
export const totalBacklogBytes = 64 * 1024 * 1024;

/** The bytes of heap that an entry of the backlog takes. */
export const entryObjectBytes = 96;

/** The bytes of heap that a piece takes, with its map entry and the sender of a channel for itself. */
export const pieceObjectBytes = 640;

/** A piece as the backlog uses it; it holds one or more entries. */
export interface BacklogPiece {
  /** The bytes of heap that the piece takes besides its entries. */
  readonly cost: number;
  /** Removes the piece's oldest entry and what it stands for. Called only by the backlog. */
  dropEntry(entry: BacklogEntry): void;
}

/** A message, or a whole merged broadcast, that waits at one connection. In two lists: the backlog's and its piece's. */
export class BacklogEntry {
  readonly piece: BacklogPiece;
  readonly message: QueuedMessage | undefined;
  /** The merged data of a broadcast; undefined for a message. */
  data: OpaqueData | undefined;
  /** The bytes that count for the connection. */
  bytes: number;
  /** The number of messages received for it. */
  messages = 1;
  /** Neighbours in the order of age. Kept by the backlog. */
  older: BacklogEntry | undefined;
  newer: BacklogEntry | undefined;
  /** The next message of the same piece. Kept by the piece. */
  next: BacklogEntry | undefined;

  constructor(piece: BacklogPiece, bytes: number, message: QueuedMessage | undefined) {
    this.piece = piece;
    this.bytes = bytes;
    this.message = message;
  }
}

/**
 * Everything that remote peers made wait at one connection, in the order in which it came, within a budget.
 *
 * Adding, removing and dropping cost O(1). Merged broadcasts count as the bytes received for them, which is more than
 * they take where updates replace each other; so at the limit they are measured by encoding them, and no further
 * measurement follows before a quarter of the limit has been received.
 */
export class Backlog implements BudgetHolder {
  readonly #total: SharedBudget;
  readonly #limit: number;
  readonly #dropped: (messages: number, bytes: number) => void;
  #oldest: BacklogEntry | undefined;
  #newest: BacklogEntry | undefined;
  /** The oldest entry whose message may still be a view of a larger buffer. */
  #attached: BacklogEntry | undefined;
  /** Merged broadcasts that have grown since they were measured. */
  #unmeasured: Set<BacklogEntry> | undefined;
  #held = 0;
  #droppedMessages = 0;
  #droppedBytes = 0;

  /** @param dropped takes note of dropped messages and their bytes, objects included. */
  constructor(
    total: SharedBudget,
    dropped: (messages: number, bytes: number) => void,
    limit = surrogateBacklogBytes,
  ) {
    this.#total = total;
    this.#limit = limit;
    this.#dropped = dropped;
  }

  get held(): number {
    return this.#held;
  }

  /** Adds a message. The first of a piece counts for the piece, too. */
  addMessage(piece: BacklogPiece, message: QueuedMessage, first: boolean): BacklogEntry {
    const pieceBytes = first ? piece.cost : 0;
    const entry = new BacklogEntry(piece, entryObjectBytes + pieceBytes + message.cost, message);
    this.#append(entry);
    this.#total.take(message.waiting++ === 0 ? entry.bytes : entry.bytes - message.cost);
    this.#attached ??= entry;
    return entry;
  }

  /** Adds a merged broadcast of another peer, for which `bytes` have been received. */
  addMerged(piece: BacklogPiece, data: OpaqueData, bytes: number): BacklogEntry {
    const entry = new BacklogEntry(piece, entryObjectBytes + piece.cost + bytes, undefined);
    entry.data = data;
    this.#append(entry);
    this.#total.take(entry.bytes);
    this.#unmeasured = (this.#unmeasured ?? new Set()).add(entry);
    return entry;
  }

  /** Counts `bytes` more that have been received for a merged broadcast, which is `data` now. */
  grow(entry: BacklogEntry, data: OpaqueData, bytes: number): void {
    entry.data = data;
    entry.messages++;
    this.#resize(entry, entry.bytes + bytes);
    this.#unmeasured = (this.#unmeasured ?? new Set()).add(entry);
  }

  /** Makes a message count for its piece, whose first it has become. */
  countPiece(entry: BacklogEntry): void {
    this.#resize(entry, entry.bytes + entry.piece.cost);
  }

  /** Removes an entry of any age. */
  remove(entry: BacklogEntry): void {
    const { older, newer, message, bytes } = entry;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    if (this.#attached === entry) this.#attached = newer;
    this.#unmeasured?.delete(entry);
    entry.older = undefined;
    entry.newer = undefined;
    this.#held -= bytes;
    this.#total.give(message === undefined || --message.waiting === 0 ? bytes : bytes - message.cost);
    if (this.#held === 0) this.#total.leave(this);
  }

  /** Drops the oldest entries beyond the budget; to be called after what was added. */
  enforce(): void {
    if (this.#held > this.#limit) {
      const measured = this.#measure();
      const goal = measured ? this.#limit * 0.75 : this.#limit;
      while (this.#held > goal) this.dropOldest();
      this.reportDropped();
    }
    this.#total.enforce();
  }

  dropOldest(): void {
    const entry = this.#oldest;
    if (entry === undefined) return;
    this.#droppedMessages += entry.messages;
    this.#droppedBytes += entry.bytes;
    this.remove(entry);
    entry.piece.dropEntry(entry);
  }

  reportDropped(): void {
    if (this.#droppedMessages === 0) return;
    const [messages, bytes] = [this.#droppedMessages, this.#droppedBytes];
    this.#droppedMessages = 0;
    this.#droppedBytes = 0;
    this.#dropped(messages, bytes);
  }

  /** Copies messages out of larger buffers, for entries that have to wait longer than this turn. */
  detach(): void {
    for (let entry = this.#attached; entry !== undefined; entry = entry.newer) entry.message?.detach();
    this.#attached = undefined;
  }

  #append(entry: BacklogEntry): void {
    if (this.#held === 0) this.#total.join(this);
    entry.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
    this.#held += entry.bytes;
  }

  #resize(entry: BacklogEntry, bytes: number): void {
    this.#held += bytes - entry.bytes;
    this.#total.take(bytes - entry.bytes);
    entry.bytes = bytes;
  }

  /** Measures the merged broadcasts that have grown. Returns whether there were any. */
  #measure(): boolean {
    const unmeasured = this.#unmeasured;
    if (unmeasured === undefined || unmeasured.size === 0) return false;
    this.#unmeasured = undefined;
    for (const entry of unmeasured) {
      const bytes = encodedBytes(entry.data);
      if (bytes !== undefined) this.#resize(entry, entryObjectBytes + entry.piece.cost + bytes);
    }
    return true;
  }
}

/** The bytes that merged data takes, as a rule those of its messages; undefined if it cannot be encoded, which is reported when it is sent. */
function encodedBytes(data: OpaqueData | undefined): number | undefined {
  try {
    return data?.heldBytes ?? data?.encode().reduce((sum, message) => sum + message.byteLength, 0);
  } catch {
    return undefined;
  }
}
