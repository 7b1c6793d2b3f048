import { setImmediate as nextTurn } from "node:timers/promises";
import { CliError } from "./errors.ts";

/** The largest status document, in bytes of UTF-8. */
export const maxStatusBytes = 64 * 1024 * 1024;
/** The most documents that are kept at the same time, and the most bytes of them in total. */
export const maxSnapshots = 4;
export const maxSnapshotBytes = 128 * 1024 * 1024;
/** The time for which a document is served again, in milliseconds. */
const freshMs = 1_000;
/** A document is also served again for this many times the time that making it took. */
const freshFactor = 10;
/** The longest time for which a document is made without a pause, in milliseconds. */
const sliceMs = 10;

/** A document in pieces, and the answers that are sending it. */
export class Snapshot {
  readonly pieces: readonly Uint8Array[];
  readonly byteLength: number;
  /** Each is called to give up an answer. */
  readonly readers = new Set<() => void>();

  constructor(pieces: readonly Uint8Array[], byteLength: number) {
    this.pieces = pieces;
    this.byteLength = byteLength;
  }
}

/**
 * Makes a document when it is asked for, and shares it between all who ask within a second, so that neither processor time
 * nor memory grows with the number of requests.
 *
 * The work is done in slices of 10 ms. A document is fresh for a second, or ten times the time that it took. At most four
 * documents (128 MiB) are kept for answers that are still being sent: when another is made, the answers that send the
 * oldest are given up.
 */
export class StatusSnapshots {
  readonly #make: () => Iterable<string>;
  readonly #now: () => number;
  readonly #kept = new Set<Snapshot>();
  #current: Snapshot | undefined;
  #freshUntilMs = 0;
  #making: Promise<Snapshot> | undefined;

  /**
   * @param make makes the document, in pieces that each take a few milliseconds.
   * @param now a monotonic clock in milliseconds.
   */
  constructor(make: () => Iterable<string>, now: () => number = () => performance.now()) {
    this.#make = make;
    this.#now = now;
  }

  /**
   * Returns the document for an answer that calls `release` when it has been sent. `giveUp` is called when the document is no
   * longer kept.
   *
   * @throws CliError `failed` if the document exceeds 64 MiB; whatever making it throws.
   */
  async acquire(giveUp: () => void): Promise<{ readonly snapshot: Snapshot; release(): void }> {
    const snapshot = await this.#get();
    snapshot.readers.add(giveUp);
    const release = (): void => {
      snapshot.readers.delete(giveUp);
      this.#forgetUnused(snapshot);
    };
    return { snapshot, release };
  }

  /** The documents that are kept. */
  get kept(): ReadonlySet<Snapshot> {
    return this.#kept;
  }

  #get(): Promise<Snapshot> | Snapshot {
    if (this.#current !== undefined && this.#now() < this.#freshUntilMs) return this.#current;
    this.#making ??= this.#build().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  async #build(): Promise<Snapshot> {
    const startMs = this.#now();
    const encoder = new TextEncoder();
    const pieces: Uint8Array[] = [];
    let byteLength = 0;
    let pauseAtMs = startMs + sliceMs;
    for (const text of this.#make()) {
      const piece = encoder.encode(text);
      pieces.push(piece);
      byteLength += piece.length;
      if (byteLength > maxStatusBytes) {
        throw new CliError("failed", `the status has more than ${maxStatusBytes / 2 ** 20} MiB`);
      }
      if (this.#now() < pauseAtMs) continue;
      await nextTurn();
      pauseAtMs = this.#now() + sliceMs;
    }
    const snapshot = new Snapshot(pieces, byteLength);
    this.#keep(snapshot);
    const endMs = this.#now();
    this.#freshUntilMs = endMs + Math.max(freshMs, freshFactor * (endMs - startMs));
    return snapshot;
  }

  #keep(snapshot: Snapshot): void {
    const former = this.#current;
    this.#current = snapshot;
    this.#kept.add(snapshot);
    if (former !== undefined) this.#forgetUnused(former);
    let bytes = 0;
    for (const each of this.#kept) bytes += each.byteLength;
    for (const oldest of this.#kept) {
      if (oldest === snapshot || (this.#kept.size <= maxSnapshots && bytes <= maxSnapshotBytes)) break;
      bytes -= oldest.byteLength;
      this.#kept.delete(oldest);
      for (const giveUp of oldest.readers) giveUp();
    }
  }

  #forgetUnused(snapshot: Snapshot): void {
    if (snapshot !== this.#current && snapshot.readers.size === 0) this.#kept.delete(snapshot);
  }
}
