import type { Clock } from "./clock.ts";

/** How one direction between two hosts of a {@link MemoryNetwork} behaves. */
export interface LinkOptions {
  /** How long a byte is on its way. Default 0. */
  readonly latencyMs?: number;
  /** Shared by all connections in this direction, first come, first served. Default unlimited. */
  readonly bytesPerSecond?: number;
}

/** What carries so many bytes in a second, first come, first served. */
export class Line {
  private bytesPerSecond = Number.POSITIVE_INFINITY;
  /** When the bytes sent so far have left. */
  private freeAtMs = 0;

  constructor(bytesPerSecond: number) {
    this.setRate(bytesPerSecond);
  }

  setRate(bytesPerSecond: number): void {
    if (!(bytesPerSecond > 0)) {
      throw new RangeError(`${bytesPerSecond} bytes per second: must be above 0; cut a link to stop it`);
    }
    this.bytesPerSecond = bytesPerSecond;
  }

  get limited(): boolean {
    return this.bytesPerSecond !== Number.POSITIVE_INFINITY;
  }

  /** Takes the line for so many bytes from `fromMs` on, or when it is free; says when the last of them has left. */
  occupy(bytes: number, fromMs: number): number {
    if (!this.limited) return fromMs;
    this.freeAtMs = Math.max(this.freeAtMs, fromMs) + (bytes * 1000) / this.bytesPerSecond;
    return this.freeAtMs;
  }
}

/** What wants to be told that a cut link carries again. */
export interface HealListener {
  healed(): void;
}

/** One direction between two hosts: delay, bandwidth, and whether anything gets through at all. */
export class MemoryLink {
  latencyMs = 0;
  /** Bytes handed to this direction, ever. */
  carriedBytes = 0;
  private readonly clock: Clock;
  private readonly uplink: Line | undefined;
  private isCut = false;
  private readonly line = new Line(Number.POSITIVE_INFINITY);
  private readonly waiting = new Set<HealListener>();

  /** `uplink`: what its sender shares among all its links; bytes pass it before this one. */
  constructor(clock: Clock, options: LinkOptions, uplink?: Line) {
    this.clock = clock;
    this.uplink = uplink;
    this.configure(options);
  }

  configure({ latencyMs, bytesPerSecond }: LinkOptions): void {
    this.latencyMs = latencyMs ?? this.latencyMs;
    if (!(this.latencyMs >= 0)) throw new RangeError(`latency of ${this.latencyMs} ms: must not be negative`);
    if (bytesPerSecond !== undefined) this.line.setRate(bytesPerSecond);
  }

  /** Whether bytes take time to leave. */
  get limited(): boolean {
    return this.line.limited || this.uplink?.limited === true;
  }

  get cut(): boolean {
    return this.isCut;
  }

  setCut(cut: boolean): void {
    this.isCut = cut;
    if (cut) return;
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const listener of waiting) listener.healed();
  }

  /** Calls `listener.healed()` once, when the link carries again. */
  whenHealed(listener: HealListener): void {
    this.waiting.add(listener);
  }

  forget(listener: HealListener): void {
    this.waiting.delete(listener);
  }

  /** Takes the line for so many bytes, now or when it is free, and says when the last of them has left. */
  occupy(bytes: number): number {
    this.carriedBytes += bytes;
    const now = this.clock.now();
    return this.line.occupy(bytes, this.uplink?.occupy(bytes, now) ?? now);
  }

  /**
   * Carries a signal without bytes (the opening of a connection), which is repeated while the link is cut. Returns a
   * function that calls it off.
   */
  carry(arrive: () => void): () => void {
    let timer = { cancel: () => {} };
    const listener: HealListener = { healed: () => depart() };
    const depart = (): void => {
      timer = this.clock.setTimeout(() => {
        if (this.isCut) this.whenHealed(listener);
        else arrive();
      }, this.latencyMs);
    };
    depart();
    return () => {
      timer.cancel();
      this.forget(listener);
    };
  }
}
