import * as gob from "../../gob/index.ts";
import { type Channel, type GossipData, type Gossiper, PeerName } from "../../index.ts";

const WireCounts = gob.map(gob.uint64, gob.int);
type Counts = ReadonlyMap<bigint, number>;

/** How often each peer has counted; merged by taking the higher number for each. Never changed once made. */
class CounterData implements GossipData<CounterData> {
  readonly counts: Counts;

  constructor(counts: Counts) {
    this.counts = counts;
  }

  /** Those of `counts` that are higher than ours. */
  novel(counts: Counts): CounterData {
    return new CounterData(
      new Map([...counts].filter(([name, count]) => count > (this.counts.get(name) ?? 0))),
    );
  }

  encode(): Uint8Array[] {
    return [gob.encode(WireCounts, new Map(this.counts))];
  }

  merge(other: CounterData): CounterData {
    return new CounterData(new Map([...this.counts, ...this.novel(other.counts).counts]));
  }
}

/** The counter of the original's example (`map[PeerName]int`), kept by one peer. */
export class Counter implements Gossiper<CounterData> {
  readonly #self: bigint;
  #data = new CounterData(new Map());

  constructor(self: PeerName) {
    this.#self = PeerName.toUint(self);
  }

  get total(): number {
    return [...this.#data.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Counts once and tells all peers. */
  increment(channel: Pick<Channel<CounterData>, "broadcast">): void {
    const count = (this.#data.counts.get(this.#self) ?? 0) + 1;
    this.#data = new CounterData(new Map(this.#data.counts).set(this.#self, count));
    channel.broadcast(this.#data);
  }

  onUnicast(_source: PeerName, message: Uint8Array): void {
    this.#learn(message);
  }

  onBroadcast(_source: PeerName, update: Uint8Array): CounterData {
    return this.#learn(update);
  }

  gossip(): CounterData {
    return this.#data;
  }

  onGossip(update: Uint8Array): CounterData | undefined {
    const novel = this.#learn(update);
    return novel.counts.size > 0 ? novel : undefined;
  }

  #learn(update: Uint8Array): CounterData {
    const novel = this.#data.novel(gob.decode(WireCounts, update));
    this.#data = this.#data.merge(novel);
    return novel;
  }
}
