import type { PeerName } from "../peer-name.ts";
import { type Backlog, type BacklogEntry, type BacklogPiece, pieceObjectBytes } from "./backlog.ts";
import type { OpaqueData } from "./gossiper.ts";
import { SurrogateData } from "./surrogate-data.ts";

/** The sender of a piece, as the piece uses it. */
export interface PieceOwner {
  /** Takes note that nothing is left of the piece. */
  emptied(piece: Piece): void;
  /** Takes note of a throw of `merge`. */
  report(error: unknown): void;
}

/**
 * The waiting gossip of one sender, or its broadcasts of one source: either data that was merged, or messages of
 * surrogate data, one after the other.
 */
export class Piece implements BacklogPiece {
  /** Undefined for gossip. */
  readonly source: PeerName | undefined;
  readonly #owner: PieceOwner;
  readonly #backlog: Backlog;
  /** Neighbours in the sender's list of broadcasts. Kept by the sender. */
  older: Piece | undefined;
  newer: Piece | undefined;
  #data: OpaqueData | undefined;
  /** The entry that counts for the data, if other peers had part in it. */
  #dataEntry: BacklogEntry | undefined;
  #first: BacklogEntry | undefined;
  #last: BacklogEntry | undefined;

  constructor(source: PeerName | undefined, owner: PieceOwner, backlog: Backlog) {
    this.source = source;
    this.#owner = owner;
    this.#backlog = backlog;
  }

  get cost(): number {
    // The name of a source is as long as the remote peer chose.
    return pieceObjectBytes + (this.source?.length ?? 0);
  }

  /** Whether nothing is left. */
  get empty(): boolean {
    return this.#first === undefined && this.#data === undefined;
  }

  /** Adds data. `received` is the number of bytes that another peer sent for it; 0 does not count in the backlog. */
  add(data: OpaqueData, received: number): void {
    if (data instanceof SurrogateData) this.#queue(data);
    else this.#merge(data, received);
  }

  /**
   * Takes the next payload. Merged data is encoded message by message if it can be, else all at once: then `rest` receives the
   * payloads after the first.
   * Undefined if the data encodes to nothing.
   *
   * @throws whatever `encode` throws; the data is gone then.
   */
  take(rest: Uint8Array[]): Uint8Array | undefined {
    const first = this.#first;
    if (first !== undefined) {
      this.#removeFirst(first);
      return first.message!.bytes;
    }
    const data = this.#data;
    this.#discardData();
    if (data?.encodeFirst !== undefined) {
      const { message, rest: left } = data.encodeFirst();
      this.#data = left;
      return message;
    }
    const [payload, ...others] = data?.encode() ?? [];
    for (const other of others) rest.push(other);
    return payload;
  }

  /** Removes everything. */
  discard(): void {
    this.#discardData();
    for (let entry = this.#first; entry !== undefined; entry = this.#first) this.#removeFirst(entry);
  }

  dropEntry(entry: BacklogEntry): void {
    if (entry === this.#dataEntry) {
      this.#dataEntry = undefined;
      this.#data = undefined;
    } else {
      this.#advance(entry);
    }
    if (this.empty) this.#owner.emptied(this);
  }

  #queue(data: SurrogateData): void {
    if (this.#data !== undefined) this.#refuseMixture();
    for (const message of data.messages()) {
      const entry = this.#backlog.addMessage(this, message, this.#first === undefined);
      if (this.#last === undefined) this.#first = entry;
      else this.#last.next = entry;
      this.#last = entry;
    }
  }

  #merge(data: OpaqueData, received: number): void {
    if (this.#first !== undefined) this.#refuseMixture();
    let merged = data;
    if (this.#data !== undefined) {
      try {
        merged = this.#data.merge(data);
      } catch (error) {
        // They cannot be merged, and only one can wait: the newer one says more about the present.
        this.#owner.report(error);
      }
    }
    this.#data = merged;
    if (this.#dataEntry !== undefined) this.#backlog.grow(this.#dataEntry, merged, received);
    else if (received > 0) this.#dataEntry = this.#backlog.addMerged(this, merged, received);
  }

  #refuseMixture(): void {
    this.discard();
    this.#owner.report(new TypeError("surrogate data and other data cannot be merged on one channel"));
  }

  #removeFirst(entry: BacklogEntry): void {
    this.#backlog.remove(entry);
    this.#advance(entry);
  }

  /** The first message has left the backlog. */
  #advance(entry: BacklogEntry): void {
    this.#first = entry.next;
    if (this.#first === undefined) this.#last = undefined;
    else this.#backlog.countPiece(this.#first);
  }

  #discardData(): void {
    if (this.#dataEntry !== undefined) this.#backlog.remove(this.#dataEntry);
    this.#dataEntry = undefined;
    this.#data = undefined;
  }
}
