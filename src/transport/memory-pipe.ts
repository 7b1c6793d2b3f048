import { ByteQueue } from "./byte-queue.ts";
import type { Clock, Timer } from "./clock.ts";
import type { MemoryLink } from "./memory-link.ts";
import type { Random } from "./random.ts";

/** Times that differ by less than this are the same: they are sums of fractions. */
const toleranceMs = 0.01;

const nothing = new Uint8Array(0);

/** What all pipes of a network share. */
export interface PipeSettings {
  readonly clock: Clock;
  /** Draws where received bytes are cut; undefined: they come in the pieces in which they were sent. */
  readonly chunkRandom: Random | undefined;
  /** Bytes on their way or not yet read, beyond which further ones stay with their sender. */
  readonly windowBytes: number;
  /** What one segment holds at most on a line with limited bandwidth. */
  readonly segmentBytes: number;
  /** The largest piece handed to a receiver. */
  readonly readBytes: number;
  /** Makes the memory of what is on its way, which its receiver then owns. */
  readonly allocate: (length: number) => Uint8Array;
}

/** A socket, as its two pipes see it. Called from timers only, never from within a call of the socket's own. */
export interface PipeEnd {
  /** Whether it wants data now. */
  readonly reading: boolean;
  /** Whether an RST ended it, sent or received: data for it is answered with RST. */
  readonly dead: boolean;
  /** Receiving: a chunk of its own. */
  received(chunk: Uint8Array): void;
  /** Receiving: the other side has finished, and all its data was received. */
  ended(): void;
  /** Receiving: the other side has reset the connection. */
  wasReset(): void;
  /** Sending: some of what was queued has left. */
  progressed(): void;
}

interface Segment {
  readonly kind: "data" | "end" | "reset";
  readonly bytes: Uint8Array;
  readonly leavesAtMs: number;
  arrivesAtMs: number;
}

/**
 * One direction of a connection in memory: a queue at the sender, segments on their way, what arrived and is not read.
 * Bytes stay in order and are never lost: a cut link delays them until it heals, as retransmission does. An RST that
 * meets a cut is lost for good, and its sender no longer repeats what it had on the way.
 */
export class MemoryPipe {
  /** Written and not yet on its way. */
  readonly queue = new ByteQueue();
  /** Whether the end mark is on its way, and so all that was written before it. */
  finished = false;
  /** Whether an RST has arrived, even if the receiver is not reading and so has not noticed. */
  resetArrived = false;
  private from!: PipeEnd;
  private to!: PipeEnd;
  private back!: MemoryPipe;
  private readonly settings: PipeSettings;
  private readonly link: MemoryLink;
  private endQueued = false;
  private segments: Segment[] = [];
  private bytesUnderway = 0;
  private arrivalTimer: Timer | undefined;
  private readonly unread = new ByteQueue();
  private endArrived = false;
  private readTimer: Timer | undefined;
  private acknowledging = false;

  constructor(settings: PipeSettings, link: MemoryLink) {
    this.settings = settings;
    this.link = link;
  }

  /** Must be called before anything else. `back` is the other direction of the same connection. */
  join(from: PipeEnd, to: PipeEnd, back: MemoryPipe): void {
    this.from = from;
    this.to = to;
    this.back = back;
  }

  write(chunk: Uint8Array): void {
    this.queue.push(chunk);
    this.fill();
  }

  /** Ends the stream behind what is queued. */
  end(): void {
    this.endQueued = true;
    this.fill();
  }

  /** Drops what has not left yet, and sends RST behind what has. */
  reset(): void {
    this.queue.clear();
    this.endQueued = false;
    const now = this.settings.clock.now();
    this.keepSegments(({ leavesAtMs }) => leavesAtMs <= now);
    if (!this.link.cut) this.depart("reset", nothing);
  }

  /** Hands over what has arrived, soon, if the receiver is reading by then. */
  wake(): void {
    this.readTimer ??= this.settings.clock.setTimeout(() => {
      this.readTimer = undefined;
      this.deliver();
    }, 0);
  }

  /** Lets as much leave the queue as the window has room for. */
  private fill(): void {
    const limit = this.link.limited ? this.settings.segmentBytes : Number.POSITIVE_INFINITY;
    while (this.queue.length > 0) {
      const room = this.settings.windowBytes - this.bytesUnderway - this.unread.length;
      if (room <= 0) return;
      this.depart("data", this.copyOf(this.queue.take(Math.min(room, limit))));
    }
    if (!this.endQueued) return;
    this.endQueued = false;
    this.finished = true;
    this.depart("end", nothing);
  }

  /** As the network makes one: the receiver may change it, and the sender may send its chunk to others. */
  private copyOf(bytes: Uint8Array): Uint8Array {
    const copy = this.settings.allocate(bytes.length);
    copy.set(bytes);
    return copy;
  }

  private depart(kind: Segment["kind"], bytes: Uint8Array): void {
    const leavesAtMs = this.link.occupy(bytes.length);
    const lastArrivesAtMs = this.segments.at(-1)?.arrivesAtMs ?? 0;
    const arrivesAtMs = Math.max(leavesAtMs + this.link.latencyMs, lastArrivesAtMs);
    this.segments.push({ kind, bytes, leavesAtMs, arrivesAtMs });
    this.bytesUnderway += bytes.length;
    this.awaitArrival();
  }

  private awaitArrival(): void {
    const first = this.segments[0];
    if (first === undefined) return;
    this.arrivalTimer ??= this.settings.clock.setTimeout(() => {
      this.arrivalTimer = undefined;
      if (this.link.cut) this.link.whenHealed(this);
      else this.arrive();
    }, first.arrivesAtMs - this.settings.clock.now());
  }

  private arrive(): void {
    const latest = this.settings.clock.now() + toleranceMs;
    const after = this.segments.findIndex(({ arrivesAtMs }) => arrivesAtMs > latest);
    const due = this.segments.splice(0, after < 0 ? this.segments.length : after);
    this.awaitArrival();
    for (const { kind, bytes } of due) {
      this.bytesUnderway -= bytes.length;
      if (kind === "end") this.endArrived = true;
      else if (kind === "reset") this.resetArrived = true;
      else if (this.to.dead) this.back.reset();
      else this.unread.push(bytes);
    }
    this.deliver();
  }

  /** Called by the link: what a cut held up is sent again, unless its sender is dead. */
  healed(): void {
    this.keepSegments(({ kind }) => kind !== "reset" && !this.from.dead);
    const soonest = this.settings.clock.now() + this.link.latencyMs;
    for (const segment of this.segments) segment.arrivesAtMs = Math.max(segment.arrivesAtMs, soonest);
    this.awaitArrival();
  }

  private keepSegments(condition: (segment: Segment) => boolean): void {
    this.segments = this.segments.filter(condition);
    this.bytesUnderway = this.segments.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  private deliver(): void {
    // Each handler may pause, reset or detach the receiver.
    while (this.unread.length > 0 && this.to.reading) {
      const chunk = this.takeUnread(this.chunkLength());
      this.acknowledge();
      this.to.received(chunk);
    }
    if (this.unread.length > 0) return;
    if (this.endArrived && this.to.reading) {
      this.endArrived = false;
      this.to.ended();
    }
    if (this.resetArrived && this.to.reading) this.to.wasReset();
  }

  private takeUnread(length: number): Uint8Array {
    if (length <= this.unread.firstLength) return this.unread.take(length);
    const joined = this.settings.allocate(length);
    this.unread.moveTo(joined);
    return joined;
  }

  private chunkLength(): number {
    const { chunkRandom: random, readBytes } = this.settings;
    if (random === undefined) return Math.min(this.unread.firstLength, readBytes);
    const available = Math.min(this.unread.length, readBytes);
    // Mostly all there is, as in life; else cut anywhere, with tiny pieces often enough to meet every boundary.
    const manner = random.int(4);
    if (manner === 0) return 1 + random.int(Math.min(available, 16));
    if (manner === 1) return 1 + random.int(available);
    return available;
  }

  /** Tells a sender that waits for room that there is some; it takes the time of the way back. */
  private acknowledge(): void {
    if (this.acknowledging || (this.queue.length === 0 && !this.endQueued)) return;
    this.acknowledging = true;
    this.back.link.carry(() => {
      this.acknowledging = false;
      if (this.from.dead) return;
      this.fill();
      this.from.progressed();
    });
  }
}
