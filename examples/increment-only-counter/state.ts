import { type Flavour, type GossipData, PeerName } from "weave-mesh";
import * as gob from "weave-mesh/gob";

/** How often each peer has counted. */
export type Counts = ReadonlyMap<PeerName, number>;

// The original's map[mesh.PeerName]int: a PeerName is a uint64 in the mac flavour and a string in the hash flavour.
const MacCounts = gob.map(gob.uint64, gob.int);
const HashCounts = gob.map(gob.string, gob.int);

/** The gob bytes of counts, as the original's example sends them. */
export function encodeCounts(counts: Counts, flavour: Flavour): Uint8Array {
  if (flavour === "hash") return gob.encode(HashCounts, new Map<string, number>(counts));
  return gob.encode(MacCounts, new Map([...counts].map(([name, count]) => [PeerName.toUint(name), count])));
}

/** Reads what `encodeCounts`, or a Go peer, has written. */
export function decodeCounts(bytes: Uint8Array, flavour: Flavour): Map<PeerName, number> {
  if (flavour === "hash") {
    const counts = gob.decode(HashCounts, bytes);
    return new Map([...counts].map(([name, count]) => [PeerName.parse(name, "hash"), count]));
  }
  const counts = gob.decode(MacCounts, bytes);
  return new Map([...counts].map(([name, count]) => [PeerName.fromUint(name), count]));
}

/**
 * A counter that only grows, as data that can be gossiped: for each peer, how often it has counted. What two peers
 * know is merged by taking the higher number for each, so order and repetition do not matter.
 *
 * It never changes: counting and merging give new ones. So it can wait at several senders at the same time.
 */
export class CounterState implements GossipData<CounterState> {
  readonly counts: Counts;
  readonly #flavour: Flavour;

  constructor(counts: Counts, flavour: Flavour) {
    this.counts = counts;
    this.#flavour = flavour;
  }

  /** The counter's value: all counts together. */
  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** The state after `name` has counted once more. */
  incremented(name: PeerName): CounterState {
    return new CounterState(new Map(this.counts).set(name, (this.counts.get(name) ?? 0) + 1), this.#flavour);
  }

  /** Those of `counts` that are higher than ours. */
  novel(counts: Counts): CounterState {
    const higher = [...counts].filter(([name, count]) => count > (this.counts.get(name) ?? 0));
    return new CounterState(new Map(higher), this.#flavour);
  }

  encode(): Uint8Array[] {
    return [encodeCounts(this.counts, this.#flavour)];
  }

  merge(other: CounterState): CounterState {
    return new CounterState(new Map([...this.counts, ...this.novel(other.counts).counts]), this.#flavour);
  }

  /** As Go prints such a map: `map[00:00:00:00:00:01:5 00:00:00:00:00:02:3]`, sorted by name. */
  toString(): string {
    const entries = [...this.counts].sort(([a], [b]) => PeerName.compare(a, b));
    return `map[${entries.map(([name, count]) => `${name}:${count}`).join(" ")}]`;
  }
}
