/** One item in a {@link BySource}. */
export interface SourceEntry<T> {
  readonly item: T;
  /** The weight of the item, as last given to `weigh`. */
  readonly weight: number;
}

/** All items of one source, linked from the oldest to the newest. */
interface Group<T> {
  readonly source: string;
  count: number;
  weight: number;
  oldest: Link<T> | undefined;
  newest: Link<T> | undefined;
}

interface Link<T> extends SourceEntry<T> {
  readonly group: Group<T>;
  weight: number;
  older: Link<T> | undefined;
  newer: Link<T> | undefined;
  removed: boolean;
}

/**
 * Items by the source that they came from. Sources take turns, and the source with most items is always known, so that
 * a flood from one source costs the others nothing. Every operation takes constant time but `newestOfHeaviest`, which
 * visits each source once.
 */
export class BySource<T> {
  /** The sources in the order of their turns. */
  readonly #groups = new Map<string, Group<T>>();
  /** The sources by their numbers of items. */
  readonly #byCount = new Map<number, Set<Group<T>>>();
  #most = 0;
  /** The source of the item that was added last. */
  #addedTo: Group<T> | undefined;
  #size = 0;
  #weight = 0;

  /** The number of items. */
  get size(): number {
    return this.#size;
  }

  /** The weight of all items. */
  get weight(): number {
    return this.#weight;
  }

  /** Adds an item as the newest of its source. */
  add(source: string, item: T): SourceEntry<T> {
    let group = this.#groups.get(source);
    if (group === undefined) {
      group = { source, count: 0, weight: 0, oldest: undefined, newest: undefined };
      this.#groups.set(source, group);
    }
    const older = group.newest;
    const link: Link<T> = { item, group, weight: 0, older, newer: undefined, removed: false };
    if (older === undefined) group.oldest = link;
    else older.newer = link;
    group.newest = link;
    this.#addedTo = group;
    this.#count(group, 1);
    return link;
  }

  /** Removes an item; has no effect on one that was removed before. */
  remove(entry: SourceEntry<T>): void {
    const link = entry as Link<T>;
    if (link.removed) return;
    this.weigh(link, 0);
    link.removed = true;
    const { group, older, newer } = link;
    if (older === undefined) group.oldest = newer;
    else older.newer = newer;
    if (newer === undefined) group.newest = older;
    else newer.older = older;
    this.#count(group, -1);
    if (group.count === 0) this.#groups.delete(group.source);
  }

  /** Sets the weight of an item; has no effect on one that was removed. */
  weigh(entry: SourceEntry<T>, weight: number): void {
    const link = entry as Link<T>;
    if (link.removed) return;
    const change = weight - link.weight;
    link.weight = weight;
    link.group.weight += change;
    this.#weight += change;
  }

  /** Removes and returns the oldest item of the source whose turn it is; the source goes to the end of the order. */
  takeTurn(): T | undefined {
    const group: Group<T> | undefined = this.#groups.values().next().value;
    if (group === undefined) return undefined;
    const { item } = group.oldest!;
    this.remove(group.oldest!);
    if (group.count > 0) {
      this.#groups.delete(group.source);
      this.#groups.set(group.source, group);
    }
    return item;
  }

  /**
   * The newest item of the source with most items. Of several such sources it is the one added to last, if that is one
   * of them, so that where all have the same number a new item gives way to the earlier ones.
   */
  newestOfLargest(): SourceEntry<T> | undefined {
    const last = this.#addedTo;
    if (last !== undefined && last.count === this.#most) return last.newest;
    const first: Group<T> | undefined = this.#byCount.get(this.#most)?.values().next().value;
    return first?.newest;
  }

  /** The newest item of the source with the highest weight; of several such sources, the last. */
  newestOfHeaviest(): SourceEntry<T> | undefined {
    let heaviest: Group<T> | undefined;
    for (const group of this.#groups.values()) {
      if (heaviest === undefined || group.weight >= heaviest.weight) heaviest = group;
    }
    return heaviest?.newest;
  }

  /** All items, by source. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (const group of this.#groups.values()) {
      for (let link = group.oldest; link !== undefined; link = link.newer) yield link.item;
    }
  }

  #count(group: Group<T>, change: 1 | -1): void {
    const before = this.#byCount.get(group.count);
    before?.delete(group);
    if (before?.size === 0) this.#byCount.delete(group.count);
    group.count += change;
    this.#size += change;
    if (group.count > 0) {
      const after = this.#byCount.get(group.count);
      if (after === undefined) this.#byCount.set(group.count, new Set([group]));
      else after.add(group);
    }
    // The number of one source changes by one, so the largest number does, too.
    if (group.count > this.#most) this.#most = group.count;
    else if (this.#most > 0 && !this.#byCount.has(this.#most)) this.#most--;
  }
}
