import type { TableEntry } from "./connection-table.ts";
import { windowBytes } from "./tcp-direction.ts";
import type { TcpSegment } from "./tcp-segment.ts";

/** A segment with the time at which it was captured, milliseconds since the epoch. */
export interface TimedSegment {
  readonly at: number;
  readonly segment: TcpSegment;
}

/** A TCP connection of a capture: followed, passed over, or ended. */
export interface FollowedConnection extends TableEntry {
  /**
   * What a segment begins instead of belonging to this connection: `undefined` nothing, else the earlier segments of the
   * new connection between the same ports to which it belongs.
   */
  successor(at: number, segment: TcpSegment): readonly TimedSegment[] | undefined;
  /** Takes a segment of this connection. Returns what is to be kept of the connection. */
  segment(at: number, segment: TcpSegment): FollowedConnection;
  /** The capture has ended, or another connection between the same ports has begun. */
  finish(): void;
}

/** A connection that is no mesh session. Only its end matters, after which its ports may be used again. */
export class ForeignConnection implements FollowedConnection {
  touched = false;
  #finished: string | undefined;
  #ended = false;

  get done(): boolean {
    return this.#ended;
  }

  successor(_at: number, { syn, acknowledged, length }: TcpSegment): readonly TimedSegment[] | undefined {
    return (syn && acknowledged === undefined) || (this.#ended && length > 0) ? [] : undefined;
  }

  segment(_at: number, { source, fin, reset }: TcpSegment): this {
    this.touched = true;
    if (fin) {
      if (this.#finished !== undefined && this.#finished !== source) this.#ended = true;
      this.#finished = source;
    }
    if (reset) this.#ended = true;
    return this;
  }

  finish(): void {}
  abandon(): void {}
}

/** A session that has ended, kept to recognise its late segments. */
export class EndedConnection implements FollowedConnection {
  readonly done = true;
  touched = false;
  readonly #next: ReadonlyMap<string, number>;

  /** `next` has the next sequence number of each end from which something was captured. */
  constructor(next: ReadonlyMap<string, number>) {
    this.#next = next;
  }

  successor(_at: number, segment: TcpSegment): readonly TimedSegment[] | undefined {
    const { source, syn, reset, length, sequence, acknowledged } = segment;
    if (syn) return acknowledged === undefined ? [] : undefined;
    if (reset || length === 0) return undefined;
    const next = this.#next.get(source);
    return next !== undefined && Math.abs((sequence - next) | 0) <= windowBytes ? undefined : [];
  }

  segment(): this {
    return this;
  }

  finish(): void {}
  abandon(): void {}
}
