import type { MemoryBudget } from "./memory-budget.ts";
import { PendingBytes } from "./pending-bytes.ts";
import { type Difference, StreamHistory } from "./stream-history.ts";
import type { TcpSegment } from "./tcp-segment.ts";

/** A segment that begins further than this from the next expected byte, before or after it, is outside of the window. */
export const windowBytes = 8 * 1024 * 1024;
/** The most bytes pending behind a hole; beyond that the bytes of the hole count as lost. */
export const maxPendingBytes = 4 * 1024 * 1024;
/** The most pending ranges with holes between them; beyond that the bytes of the first hole count as lost. */
export const maxPendingRanges = 16_384;
/** Acknowledgements past a hole after which its bytes count as lost: a capture may be a little out of order. */
const maxPastHole = 16;
/** Segments outside of the window, each right after the one before, after which the stream goes on there. */
const resyncSegments = 4;

/** Takes the results of a direction's segments, in the order of the stream. */
export interface StreamSink {
  data(bytes: Uint8Array): void;
  /** Bytes that were not captured. */
  gap(count: number): void;
  /** A contradiction, in words. */
  note(text: string): void;
}

/** A run of segments outside of the window, by sequence numbers. */
interface FarRun {
  readonly start: number;
  next: number;
  count: number;
}

/**
 * Puts one direction of a TCP connection in order: segments out of order, repeated, overlapping. Of two copies of a byte
 * the one that was captured first counts; a different copy is noted with its offset and length. Bytes that the other
 * side acknowledged and that were never captured become gaps.
 *
 * Segments outside of the window are noted and ignored. After four of them in a row that follow on each other, and that
 * the other side acknowledges (if it was captured at all), the bytes before them count as lost.
 */
export class TcpDirection {
  readonly #sink: StreamSink;
  readonly #budget: MemoryBudget;
  /** Both are made when they are needed: most connections of a capture are idle, or no sessions. */
  #history: StreamHistory | undefined;
  #pending: PendingBytes | undefined;
  /** The sequence number of the byte at `#next`. */
  #sequence: number | undefined;
  /** Offset of the next expected byte: 0 is the byte after the SYN. */
  #next = 0;
  /** Offset up to which the other side has acknowledged. */
  #acknowledged = 0;
  #acknowledgedAtAll = false;
  /** An acknowledgement outside of the window. */
  #farAcknowledged: number | undefined;
  #far: FarRun | undefined;
  #pastHole = 0;
  /** Offset of the FIN. */
  #finAt: number | undefined;
  /** Initial sequence number, if the SYN was captured. */
  #initial: number | undefined;

  constructor(sink: StreamSink, budget: MemoryBudget) {
    this.#sink = sink;
    this.#budget = budget;
  }

  /** The initial sequence number, if the SYN was captured. */
  get initial(): number | undefined {
    return this.#initial;
  }

  /** The sequence number of the next expected byte, if any number of this direction is known. */
  get sequence(): number | undefined {
    return this.#sequence;
  }

  /** Whether a sequence number of this direction is known. */
  get synchronised(): boolean {
    return this.#sequence !== undefined;
  }

  /** All bytes up to the FIN were delivered. */
  get complete(): boolean {
    return this.#finAt !== undefined && this.#next >= this.#finAt;
  }

  /** All bytes up to the FIN were delivered, and the other side has acknowledged the FIN. */
  get finished(): boolean {
    return this.complete && this.#acknowledged > this.#finAt!;
  }

  /** Takes the initial sequence number. Returns false if it contradicts what is known. */
  begin(initial: number): boolean {
    const first = (initial + 1) >>> 0;
    if (this.#sequence === undefined) this.#sequence = first;
    else if (this.#initial === undefined ? this.#position(first) !== 0 : this.#initial !== initial)
      return false;
    this.#initial = initial;
    return true;
  }

  /** Whether a sequence number is within the window. Any is while none is known. */
  isNear(sequence: number): boolean {
    return this.#sequence === undefined || Math.abs(this.#position(sequence) - this.#next) <= windowBytes;
  }

  /** Takes a segment of this direction: its bytes and its FIN. */
  segment({ sequence, syn, fin, payload, length }: TcpSegment): void {
    if (length === 0 && !fin) return;
    const first = syn ? (sequence + 1) >>> 0 : sequence;
    this.#sequence ??= first;
    if (!this.isNear(first) && !this.#resynchronise(first, length)) return;
    const from = this.#position(first);
    if (fin) this.#finish(from + length);
    // A keep-alive probe repeats the last byte, or has another in its place.
    if (length === 0 || (length === 1 && from === this.#next - 1)) return;
    if (from < this.#next) this.#compare(from, payload);
    if (from + length > this.#next) {
      this.#far = undefined;
      this.#take(from, payload, length);
    }
    if (this.#finAt !== undefined && this.#next > this.#finAt) {
      this.#sink.note(`bytes follow the FIN at offset ${this.#finAt}: the FIN is ignored`);
      this.#finAt = undefined;
    }
  }

  /** Takes an acknowledgement of what this direction sent. */
  acknowledge(number: number): void {
    if (this.#sequence === undefined) return;
    this.#acknowledgedAtAll = true;
    if (!this.isNear(number)) {
      this.#farAcknowledged = number;
      return;
    }
    this.#acknowledged = Math.max(this.#acknowledged, this.#position(number));
    const pending = this.#pending;
    if (pending === undefined || pending.count === 0 || this.#acknowledged < pending.first) return;
    if (++this.#pastHole >= maxPastHole) this.#skipHole();
  }

  /**
   * Judges a reset with this sequence number as RFC 5961 does. `exact`: it is the next number that the receiver expects,
   * and the connection ends. Otherwise the number of bytes by which it is off; negative before the expected one.
   */
  judgeReset(sequence: number): "exact" | number {
    if (this.#sequence === undefined) return 0;
    const position = this.#position(sequence);
    const expected = Math.max(this.#next, this.#acknowledged);
    if (position === this.#next || position === expected) return "exact";
    // A FIN counts one, and some systems send its own number.
    if (this.complete && position === this.#finAt! + 1) return "exact";
    return position - expected;
  }

  /** Nothing more will come: the missing bytes are lost. */
  flush(): void {
    this.#skipHoles();
    const end = this.#finAt ?? 0;
    // An acknowledgement of the FIN counts one more than there are bytes.
    const seen = this.#finAt === undefined ? this.#acknowledged : Math.min(this.#acknowledged, end);
    const known = Math.max(end, seen);
    if (known > this.#next) {
      this.#sink.gap(known - this.#next);
      this.#advance(known - this.#next);
    }
    this.release();
  }

  /** Gives back all memory. */
  release(): void {
    this.#pending?.clear();
    this.#history?.clear();
    this.#pending = undefined;
    this.#history = undefined;
  }

  #position(sequence: number): number {
    return this.#next + ((sequence - this.#sequence!) | 0);
  }

  #finish(at: number): void {
    if (this.#finAt !== undefined && this.#finAt !== at) {
      this.#sink.note(`a FIN at offset ${at} contradicts the one at offset ${this.#finAt}: it is ignored`);
    } else if (at < this.#next) {
      this.#sink.note(
        `a FIN at offset ${at}, before ${this.#next - at} bytes that came earlier: it is ignored`,
      );
    } else {
      this.#finAt = at;
    }
  }

  /** Compares repeated bytes with those that were delivered. */
  #compare(from: number, bytes: Uint8Array): void {
    this.#noteDifference(this.#history?.compare(from, bytes));
  }

  #noteDifference(difference: Difference | undefined): void {
    if (difference === undefined) return;
    const { from, length } = difference;
    const what = length === 1 ? "1 retransmitted byte" : `${length} retransmitted bytes`;
    const differ = length === 1 ? "differs" : "differ";
    this.#sink.note(`${what} at offset ${from} ${differ} from the first copy, which counts`);
  }

  /** Takes bytes of which some are new. */
  #take(from: number, bytes: Uint8Array, length: number): void {
    const end = from + length;
    if (from <= this.#next && (!this.#pending?.count || this.#pending.first >= end)) {
      this.#deliver(bytes.subarray(this.#next - from), end - this.#next);
      this.#drain();
      return;
    }
    this.#pending ??= new PendingBytes(this.#budget);
    const pending = this.#pending;
    while (end > this.#next) {
      const start = Math.max(from, this.#next);
      const outcome = pending.add(start, bytes.subarray(start - from), end - start);
      if (outcome !== "full") {
        this.#noteDifference(outcome);
        this.#drain();
        if (pending.count > maxPendingBytes || pending.islands > maxPendingRanges) this.#skipHole();
        return;
      }
      if (pending.count > 0) {
        this.#skipHole();
      } else {
        // There is no memory for even one segment: the bytes before it count as lost.
        this.#lose(start - this.#next);
        this.#deliver(bytes.subarray(this.#next - from), end - this.#next);
      }
    }
  }

  #drain(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    for (let run = pending.take(this.#next); run !== undefined; run = pending.take(this.#next)) {
      this.#pastHole = 0;
      this.#deliver(run.bytes ?? noBytes, run.length);
    }
  }

  #skipHoles(): void {
    while (this.#pending !== undefined && this.#pending.count > 0) this.#skipHole();
  }

  /** There must be pending bytes. */
  #skipHole(): void {
    this.#lose(this.#pending!.first - this.#next);
    this.#drain();
  }

  #lose(count: number): void {
    if (count <= 0) return;
    this.#sink.gap(count);
    this.#advance(count);
  }

  /** Delivers `length` bytes at the next position, of which `bytes` were captured. */
  #deliver(bytes: Uint8Array, length: number): void {
    this.#pastHole = 0;
    if (bytes.length > 0) {
      this.#sink.data(bytes);
      this.#history ??= new StreamHistory(this.#budget);
      this.#history.append(this.#next, bytes);
      this.#advance(bytes.length);
    }
    this.#lose(length - bytes.length);
  }

  #advance(count: number): void {
    this.#next += count;
    this.#sequence = (this.#sequence! + count) >>> 0;
  }

  /** Whether the stream goes on at a segment outside of the window. */
  #resynchronise(sequence: number, length: number): boolean {
    const far = this.#far;
    if (far === undefined || far.next !== sequence) {
      const distance = this.#position(sequence) - this.#next;
      this.#sink.note(
        `${length} bytes ${Math.abs(distance)} bytes ${distance > 0 ? "after" : "before"} the expected ones, outside of the window: ignored`,
      );
      this.#far = { start: sequence, next: (sequence + length) >>> 0, count: 1 };
      return false;
    }
    far.next = (sequence + length) >>> 0;
    far.count++;
    if (far.count < resyncSegments || !this.#agrees(far)) return false;
    this.#skipHoles();
    // Modulo 2^32 the stream can only have gone on.
    this.#lose((sequence - this.#sequence!) >>> 0);
    this.#far = undefined;
    this.#farAcknowledged = undefined;
    return true;
  }

  /** Whether the other side acknowledges segments outside of the window. Without acknowledgements nothing contradicts. */
  #agrees({ start, next }: FarRun): boolean {
    if (!this.#acknowledgedAtAll) return true;
    const number = this.#farAcknowledged;
    return number !== undefined && ((number - start) | 0) >= 0 && ((next - number) | 0) >= 0;
  }
}

const noBytes = new Uint8Array(0);
