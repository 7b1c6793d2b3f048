import type { TcpSegment } from "./tcp-segment.ts";

/** Out-of-order bytes kept while earlier ones are missing; beyond that these count as lost. */
const maxPendingBytes = 4 * 1024 * 1024;
/** Acknowledgements past a hole after which its bytes count as lost: a capture may be a little out of order. */
const maxPastHole = 16;

interface Pending {
  /** Position in the stream: 0 is the byte after the SYN. */
  readonly from: number;
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** What comes of a direction's segments, in the order of the stream. */
export interface StreamSink {
  data(bytes: Uint8Array): void;
  /** Bytes that were not captured. */
  gap(count: number): void;
}

/**
 * Puts one direction of a TCP connection in order: segments out of order, again, overlapping. What was received first
 * counts. Bytes that the other side acknowledged and that were never seen become gaps.
 */
export class TcpDirection {
  readonly #sink: StreamSink;
  /** Sequence number that belongs to `#next`. */
  #sequence: number | undefined;
  #next = 0;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #acknowledged = 0;
  #pastHole = 0;
  /** Where the FIN stands. */
  #finAt: number | undefined;
  /** Initial sequence number, if the SYN was seen. */
  initial: number | undefined;

  constructor(sink: StreamSink) {
    this.#sink = sink;
  }

  /** All bytes up to the FIN were given out. */
  get finished(): boolean {
    return this.#finAt !== undefined && this.#next >= this.#finAt;
  }

  /** Takes a segment of this direction. */
  segment({ sequence, syn, fin, payload, length }: TcpSegment): void {
    if (syn) {
      this.initial = sequence;
      if (this.#sequence === undefined) this.#sequence = (sequence + 1) >>> 0;
    }
    if (length === 0 && !fin) return;
    const first = syn ? (sequence + 1) >>> 0 : sequence;
    this.#sequence ??= first;
    const from = this.#position(first);
    if (fin) this.#finAt ??= from + length;
    if (length === 0 || from + length <= this.#next) return;
    if (from <= this.#next) {
      this.#deliver(from, payload, length);
      this.#drain();
    } else {
      this.#keep({ from, bytes: payload, length });
      if (this.#pendingBytes > maxPendingBytes) this.#skipHole();
    }
  }

  /** Takes an acknowledgement of what this direction sent. */
  acknowledge(number: number): void {
    if (this.#sequence === undefined) return;
    this.#acknowledged = Math.max(this.#acknowledged, this.#position(number));
    const first = this.#pending[0];
    if (first === undefined || this.#acknowledged < first.from) return;
    if (++this.#pastHole >= maxPastHole) this.#skipHole();
  }

  /** Nothing more will come: what is missing is lost. */
  flush(): void {
    while (this.#pending.length > 0) this.#skipHole();
    const end = this.#finAt ?? 0;
    // An acknowledgement of the FIN counts one more than there are bytes.
    const seen = this.#finAt === undefined ? this.#acknowledged : Math.min(this.#acknowledged, end);
    const known = Math.max(end, seen);
    if (known > this.#next && known - this.#next < 0x4000_0000) {
      this.#sink.gap(known - this.#next);
      this.#next = known;
    }
  }

  #position(sequence: number): number {
    return this.#next + ((sequence - ((this.#sequence! + 0) >>> 0)) | 0);
  }

  #keep(pending: Pending): void {
    const index = this.#pending.findIndex(({ from }) => from > pending.from);
    this.#pending.splice(index === -1 ? this.#pending.length : index, 0, pending);
    this.#pendingBytes += pending.length;
  }

  #drain(): void {
    this.#pastHole = 0;
    for (
      let first = this.#pending[0];
      first !== undefined && first.from <= this.#next;
      first = this.#pending[0]
    ) {
      this.#pending.shift();
      this.#pendingBytes -= first.length;
      if (first.from + first.length > this.#next) this.#deliver(first.from, first.bytes, first.length);
    }
  }

  #skipHole(): void {
    const hole = this.#pending[0]!.from - this.#next;
    this.#sink.gap(hole);
    this.#advance(hole);
    this.#drain();
  }

  /** Gives out what is new of bytes that begin at or before the next position. */
  #deliver(from: number, bytes: Uint8Array, length: number): void {
    const old = this.#next - from;
    const fresh = bytes.subarray(Math.min(old, bytes.length));
    if (fresh.length > 0) this.#sink.data(fresh);
    const cut = length - Math.max(old, bytes.length);
    if (cut > 0) this.#sink.gap(cut);
    this.#advance(length - old);
  }

  #advance(count: number): void {
    this.#next += count;
    this.#sequence = (this.#sequence! + count) >>> 0;
  }
}
