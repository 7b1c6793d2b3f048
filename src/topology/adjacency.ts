/**
 * The links between peers, as ranks: a row for each peer with the far ends of its connections, those of established ones first.
 *
 * All rows lie in one array, since an array for each would take four times the memory of its contents. A row is made when a search first
 * comes to the peer, behind the other rows. A forgotten row leaves a gap. When the array is full, the rows are copied into another
 * one that is half as large again as they need.
 */
export class Adjacency {
  /** The rows: that of a rank begins at `starts[rank]`, unless that is -1, and has `lengths[rank]` far ends. */
  links = new Int32Array(smallest);
  starts = new Int32Array(0);
  lengths = new Int32Array(0);
  /** The number of far ends of established connections, which stand first in the row. */
  establishedLengths = new Int32Array(0);
  /** Whether the established part of the row has been sorted by the caller. */
  sorted = new Uint8Array(0);
  #end = 0;
  /** The number of links in rows that are not forgotten. */
  #live = 0;

  /** Forgets all rows and sets the number of ranks. */
  reset(ranks: number): void {
    this.starts = new Int32Array(ranks).fill(-1);
    this.lengths = new Int32Array(ranks);
    this.establishedLengths = new Int32Array(ranks);
    this.sorted = new Uint8Array(ranks);
    this.#end = 0;
    this.#live = 0;
  }

  /** Forgets the row of a rank, if there is one. */
  forget(rank: number): void {
    if (this.starts[rank] === -1) return;
    this.#live -= this.lengths[rank]!;
    this.starts[rank] = -1;
  }

  /** Allocates a row, to be filled in by the caller, and returns its start. `links` may be another array afterwards. */
  add(rank: number, length: number): number {
    if (this.#end + length > this.links.length) this.#rebuild(length);
    const start = this.#end;
    this.starts[rank] = start;
    this.lengths[rank] = length;
    this.sorted[rank] = 0;
    this.#end += length;
    this.#live += length;
    return start;
  }

  #rebuild(more: number): void {
    const { links, starts, lengths } = this;
    const needed = this.#live + more;
    const room = Math.max(smallest, needed + (needed >> 1));
    this.links = new Int32Array(room);
    this.#end = 0;
    for (let rank = 0; rank < starts.length; rank++) {
      const start = starts[rank]!;
      if (start === -1) continue;
      this.links.set(links.subarray(start, start + lengths[rank]!), this.#end);
      starts[rank] = this.#end;
      this.#end += lengths[rank]!;
    }
  }
}

/** The least length of the array. */
const smallest = 64;
