import { PeerName } from "../peer-name.ts";

/**
 * A table of next hops: for each peer that can be reached, the neighbour by which to reach it; ourselves by the unknown name.
 * It is a picture of the mesh at one moment and never changes.
 */
export class NextHops {
  readonly #build: () => Map<PeerName, PeerName>;
  #table: Map<PeerName, PeerName> | undefined;
  #weights: ReadonlyMap<PeerName, number> | undefined;
  /** How many peers can be reached, ourselves among them. */
  readonly size: number;

  /** `build` makes the table when first asked for, since not every picture of the mesh is looked at; it owns what it uses. */
  constructor(size: number, build: () => Map<PeerName, PeerName>) {
    this.size = size;
    this.#build = build;
  }

  static of(table: Map<PeerName, PeerName>): NextHops {
    return new NextHops(table.size, () => table);
  }

  get table(): ReadonlyMap<PeerName, PeerName> {
    this.#table ??= this.#build();
    return this.#table;
  }

  /** How many destinations lie behind each neighbour, itself included. */
  get weights(): ReadonlyMap<PeerName, number> {
    this.#weights ??= this.#countWeights();
    return this.#weights;
  }

  #countWeights(): Map<PeerName, number> {
    const weights = new Map<PeerName, number>();
    for (const hop of this.table.values()) {
      if (hop === PeerName.unknown(PeerName.flavourOf(hop))) continue;
      weights.set(hop, (weights.get(hop) ?? 0) + 1);
    }
    return weights;
  }
}
