import { type Channel, type Flavour, type GossipData, type Gossiper, PeerName } from "weave-mesh";
import * as gob from "weave-mesh/gob";

/** The payload of the original's example, `map[PeerName]int`, with the names as each flavour has them. */
const byNumber = gob.map(gob.uint64, gob.int);
const byText = gob.map(gob.string, gob.int);

/** How often each peer has incremented. Never changed once it has been handed out. */
export class Counts implements GossipData<Counts> {
  readonly byName: ReadonlyMap<PeerName, number>;
  readonly #flavour: Flavour;

  constructor(flavour: Flavour, byName: ReadonlyMap<PeerName, number> = new Map()) {
    this.byName = byName;
    this.#flavour = flavour;
  }

  /** @throws GobError when the bytes are something else. */
  static decode(flavour: Flavour, bytes: Uint8Array): Counts {
    if (flavour === "hash") {
      const entries = [...gob.decode(byText, bytes)];
      return new Counts(flavour, new Map(entries.map(([name, n]) => [PeerName.parse(name, flavour), n])));
    }
    const entries = [...gob.decode(byNumber, bytes)];
    return new Counts(flavour, new Map(entries.map(([name, n]) => [PeerName.fromUint(name), n])));
  }

  encode(): Uint8Array[] {
    const entries = [...this.byName];
    if (this.#flavour === "hash") return [gob.encode(byText, new Map<string, number>(entries))];
    return [gob.encode(byNumber, new Map(entries.map(([name, n]) => [PeerName.toUint(name), n])))];
  }

  get total(): number {
    return [...this.byName.values()].reduce((sum, n) => sum + n, 0);
  }

  merge(other: Counts): Counts {
    const merged = new Map(this.byName);
    for (const [name, n] of other.byName) merged.set(name, Math.max(n, merged.get(name) ?? 0));
    return new Counts(this.#flavour, merged);
  }

  /** The part of this that `known` does not have yet. */
  newTo(known: Counts): Counts {
    const isNew = ([name, n]: readonly [PeerName, number]) => n > (known.byName.get(name) ?? 0);
    return new Counts(this.#flavour, new Map([...this.byName].filter(isNew)));
  }
}

/** An increment-only counter with the wire format of the original's example. */
export class CounterChannel implements Gossiper<Counts> {
  /** To be set to what registering this gossiper gave. */
  channel: Channel<Counts> | undefined;
  readonly #self: PeerName;
  readonly #flavour: Flavour;
  #state: Counts;

  constructor(self: PeerName, flavour: Flavour) {
    this.#self = self;
    this.#flavour = flavour;
    this.#state = new Counts(flavour);
  }

  get state(): Counts {
    return this.#state;
  }

  /** Counts one more under our own name and broadcasts the whole state, as the example does. */
  increment(): void {
    const own = (this.#state.byName.get(this.#self) ?? 0) + 1;
    this.#state = this.#state.merge(new Counts(this.#flavour, new Map([[this.#self, own]])));
    this.channel?.broadcast(this.#state);
  }

  onUnicast(_source: PeerName, payload: Uint8Array): void {
    this.#learn(payload);
  }

  onBroadcast(_source: PeerName, payload: Uint8Array): Counts {
    return this.#learn(payload);
  }

  onGossip(payload: Uint8Array): Counts | undefined {
    const delta = this.#learn(payload);
    return delta.byName.size === 0 ? undefined : delta;
  }

  gossip(): Counts {
    return this.#state;
  }

  #learn(payload: Uint8Array): Counts {
    const update = Counts.decode(this.#flavour, payload);
    const delta = update.newTo(this.#state);
    this.#state = this.#state.merge(delta);
    return delta;
  }
}
