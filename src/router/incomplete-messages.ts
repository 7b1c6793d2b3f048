/** The limit of the memory that the incomplete messages of all connections hold together, in bytes. */
export const maxIncompleteBytes = 128 * 1024 * 1024;

/** The memory of an incomplete message that is not counted, in bytes: most messages are smaller. */
export const uncountedBytes = 256 * 1024;

/** A connection whose reading can be paused. */
export interface PausableReading {
  /** Stops reading until `resumeReading`. The time limit of the message goes on. */
  pauseReading(): void;
  resumeReading(): void;
}

interface Entry {
  bytes: number;
  paused: boolean;
}

/**
 * The budget of all messages that have arrived in part. A message of version 2 can have 10 MiB and one of version 1 64 MiB,
 * so without it a few peers that never finish one would hold hundreds of megabytes for up to 60 s.
 *
 * Beyond the limit the connection that holds most is paused each time another one grows, so that small messages always
 * arrive. A paused connection goes on when there is room again, or ends when its message has not arrived whole in time. No
 * connection is reset for the budget.
 */
export class IncompleteMessages {
  readonly #entries = new Map<PausableReading, Entry>();
  readonly #limit: number;
  #bytes = 0;

  /** @param limit bytes; default {@link maxIncompleteBytes}. */
  constructor(limit: number = maxIncompleteBytes) {
    this.#limit = limit;
  }

  /** The counted memory, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Sets the memory that a connection's incomplete message holds, in bytes. May pause or resume connections. */
  hold(reading: PausableReading, bytes: number): void {
    if (bytes <= uncountedBytes) {
      this.release(reading);
      return;
    }
    let entry = this.#entries.get(reading);
    if (entry === undefined) {
      entry = { bytes: 0, paused: false };
      this.#entries.set(reading, entry);
    }
    const change = bytes - entry.bytes;
    entry.bytes = bytes;
    this.#bytes += change;
    if (change > 0 && this.#bytes > this.#limit) this.#pauseLargest();
    else if (change < 0) this.#resume();
  }

  /** Removes a connection: its message is complete, or it ends. */
  release(reading: PausableReading): void {
    const entry = this.#entries.get(reading);
    if (entry === undefined) return;
    this.#entries.delete(reading);
    this.#bytes -= entry.bytes;
    if (entry.paused) reading.resumeReading();
    this.#resume();
  }

  #pauseLargest(): void {
    let largest: [PausableReading, Entry] | undefined;
    for (const each of this.#entries) {
      if (!each[1].paused && (largest === undefined || each[1].bytes > largest[1].bytes)) largest = each;
    }
    if (largest === undefined) return;
    largest[1].paused = true;
    largest[0].pauseReading();
  }

  #resume(): void {
    if (this.#bytes > this.#limit) return;
    // Each that then grows beyond the limit pauses the largest again.
    for (const [reading, entry] of this.#entries) {
      if (!entry.paused) continue;
      entry.paused = false;
      reading.resumeReading();
    }
  }
}
