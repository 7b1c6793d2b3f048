import type { Peer } from "./peer.ts";

/** Up to this many claimants are kept as a plain list. */
const fewClaimants = 8;

/**
 * The peers that claim one short ID in vain, by name: the one with the lowest name is the heir.
 *
 * Few in all honest meshes, so up to 8 are a list that is searched. From then on they are a set, for deletion, and a binary
 * heap, for the heir. The heap keeps peers that were deleted until they come to its top or are more than half of it. All operations
 * take log n steps on average.
 */
export class Claimants {
  /** All claimants while they are few, else the heap: each before its two children at 2i + 1 and 2i + 2. */
  #list: Peer[] = [];
  /** The claimants, once they are many. */
  #members: Set<Peer> | undefined;

  /** The number of claimants. */
  get size(): number {
    return this.#members?.size ?? this.#list.length;
  }

  /** Adds a peer that is not among them. */
  add(peer: Peer): void {
    if (this.#members === undefined) {
      if (this.#list.length < fewClaimants) {
        // An array that `push` extends takes memory for 16 more.
        this.#list = this.#list.concat(peer);
        return;
      }
      this.#members = new Set(this.#list);
      this.#rebuild();
    }
    this.#members.add(peer);
    this.#push(peer);
  }

  /** Takes out a peer; nothing happens if it is not among them. */
  delete(peer: Peer): void {
    if (this.#members === undefined) {
      this.#list = this.#list.filter((claimant) => claimant !== peer);
      return;
    }
    this.#members.delete(peer);
    if (this.#members.size <= fewClaimants / 2) {
      this.#list = [...this.#members];
      this.#members = undefined;
    } else if (this.#list.length > 2 * this.#members.size) {
      this.#rebuild();
    }
  }

  /** Takes out the peer with the lowest name; undefined if there is none. */
  takeLowest(): Peer | undefined {
    const lowest = this.#members === undefined ? lowestOf(this.#list) : this.#lowestMember(this.#members);
    if (lowest !== undefined) this.delete(lowest);
    return lowest;
  }

  #lowestMember(members: ReadonlySet<Peer>): Peer {
    let lowest = this.#pop();
    while (!members.has(lowest)) lowest = this.#pop();
    return lowest;
  }

  /** Makes the heap anew. A list in order is a heap. */
  #rebuild(): void {
    this.#list = [...this.#members!].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #push(peer: Peer): void {
    const heap = this.#list;
    let at = heap.length;
    heap.push(peer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.name <= peer.name) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = peer;
  }

  #pop(): Peer {
    const heap = this.#list;
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && heap[child + 1]!.name < heap[child]!.name) child++;
      if (heap[child]!.name >= last.name) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function lowestOf(peers: readonly Peer[]): Peer | undefined {
  let lowest = peers[0];
  for (const peer of peers) if (peer.name < lowest!.name) lowest = peer;
  return lowest;
}
