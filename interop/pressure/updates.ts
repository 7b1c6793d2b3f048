import type { GossipData } from "weave-mesh";

/** The number of keys in the state. */
export const keys = 256;
/** Bytes of an update. */
export const updateBytes = 4096;

/** One update: its key and version, and then as many bytes as it takes to be in somebody's way. */
export function encodeUpdate(key: number, version: number): Uint8Array {
  const update = new Uint8Array(updateBytes).fill(key ^ version);
  new DataView(update.buffer).setUint32(0, key);
  new DataView(update.buffer).setUint32(4, version);
  return update;
}

/** Key and version of an update. @throws Error when its bytes are not as they were made. */
export function decodeUpdate(update: Uint8Array): { key: number; version: number } {
  const view = new DataView(update.buffer, update.byteOffset, update.byteLength);
  const [key, version] = [view.getUint32(0), view.getUint32(4)];
  if (Buffer.compare(encodeUpdate(key, version), update) !== 0)
    throw new Error(`update ${key} ${version} is damaged`);
  return { key, version };
}

/** State as it should be: of each key only the latest update waits. */
export class LatestUpdates implements GossipData<LatestUpdates> {
  readonly #updates: ReadonlyMap<number, Uint8Array>;

  constructor(updates: ReadonlyMap<number, Uint8Array>) {
    this.#updates = updates;
  }

  encode(): Uint8Array[] {
    return [...this.#updates.values()];
  }

  merge(other: LatestUpdates): LatestUpdates {
    return new LatestUpdates(new Map([...this.#updates, ...other.#updates]));
  }
}

/** State as it should not be: all updates wait. A list of lists, lest merging take more time than there is. */
export class EveryUpdate implements GossipData<EveryUpdate> {
  readonly #parts: Uint8Array | readonly [EveryUpdate, EveryUpdate];

  constructor(parts: Uint8Array | readonly [EveryUpdate, EveryUpdate]) {
    this.#parts = parts;
  }

  encode(): Uint8Array[] {
    const updates: Uint8Array[] = [];
    const rest: EveryUpdate[] = [this];
    for (let each = rest.pop(); each !== undefined; each = rest.pop()) {
      if (each.#parts instanceof Uint8Array) updates.push(each.#parts);
      else rest.push(each.#parts[1], each.#parts[0]);
    }
    return updates;
  }

  merge(other: EveryUpdate): EveryUpdate {
    return new EveryUpdate([this, other]);
  }
}
