import { type Clock, formatAddress, type Socket, type Timer } from "../transport/index.ts";
import { headerBytes, type VersionRange } from "../wire/index.ts";
import {
  makeSessionHeader,
  otherSide,
  type SessionEnd,
  type SessionHeader,
  type SessionRecord,
  type Side,
} from "./session-file.ts";
import { readHeader } from "./versions.ts";

/**
 * The longest silence of both sides, in milliseconds, after which the proxy resets a session. Peers send heartbeats every
 * 30 s and give up after 60 s without one.
 */
export const sessionSilenceMs = 180_000;

/** Takes the records of one session. `closed` comes once, last. */
export interface SessionSink {
  record(record: SessionRecord): void;
  closed(): void;
}

/** The surroundings of a proxied session. */
export interface ProxiedSessionOptions {
  readonly clock: Clock;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly versions: VersionRange | undefined;
  readonly made: Readonly<Record<string, string>> | undefined;
  open(header: SessionHeader): SessionSink;
  /** Called with what `open` or its sink throws; the session goes on unrecorded. */
  failed(error: Error): void;
  /** Called when both sockets are closed. */
  over(): void;
}

const sides = ["dialler", "listener"] as const;
const noSink: SessionSink = { record() {}, closed() {} };

/** A session that passes through the proxy. What goes wrong with its recording does not disturb it. */
export class ProxiedSession {
  readonly #sockets: Readonly<Record<Side, Socket>>;
  readonly #options: ProxiedSessionOptions;
  readonly #ended = new Set<Side>();
  readonly #started: number;
  #sink: SessionSink;
  #closed = 0;
  #heardAt: number;
  #timer: Timer | undefined;

  /** `said` is what the dialler has sent so far; its socket is paused and is resumed. */
  constructor(sockets: Readonly<Record<Side, Socket>>, said: Uint8Array, options: ProxiedSessionOptions) {
    const { clock, now, made } = options;
    this.#sockets = sockets;
    this.#options = options;
    const header = makeSessionHeader({
      layer: "wire",
      startedAt: now(),
      ...(made !== undefined && { made }),
      dialler: { address: formatAddress(sockets.dialler.remoteAddress) },
      listener: { address: formatAddress(sockets.listener.remoteAddress) },
    });
    this.#started = Date.parse(header.started);
    this.#sink = noSink;
    this.#guard(() => {
      this.#sink = options.open(header);
    });
    this.#heardAt = clock.now();
    this.#watch(sessionSilenceMs);
    const take = { dialler: this.#passOn("dialler"), listener: this.#passOn("listener") };
    take.dialler(said);
    sockets.dialler.resume();
  }

  /** Resets both sides. */
  reset(): void {
    for (const side of sides) this.#sockets[side].reset();
  }

  /** Attaches one direction; returns what takes its bytes. */
  #passOn(from: Side): (chunk: Uint8Array) => void {
    const { versions } = this.#options;
    const source = this.#sockets[from];
    const target = this.#sockets[otherSide(from)];
    const rewrite = versions === undefined ? (chunk: Uint8Array) => chunk : versionRewriter(versions);
    const data = (chunk: Uint8Array): void => {
      this.#heardAt = this.#options.clock.now();
      const bytes = rewrite(chunk);
      if (bytes.length === 0) return;
      this.#record({ at: this.#at(), from, bytes: bytes.slice() });
      if (!target.write(bytes)) source.pause();
    };
    source.attach({
      data,
      // The other side is read again.
      drain: () => target.resume(),
      end: () => {
        this.#end(from, "fin");
        void target.close();
      },
      closed: (error) => {
        if (error !== undefined) this.#end(from, "reset");
        if (error !== undefined || !this.#ended.has(from)) target.reset();
        if (++this.#closed === 2) this.#finish();
      },
    });
    return data;
  }

  #finish(): void {
    this.#timer?.cancel();
    for (const side of sides) this.#end(side, "open");
    this.#guard(() => this.#sink.closed());
    this.#options.over();
  }

  #at(): number {
    return Math.max(0, this.#options.now() - this.#started);
  }

  #end(from: Side, end: SessionEnd): void {
    if (this.#ended.has(from)) return;
    this.#ended.add(from);
    this.#record({ at: this.#at(), from, end });
  }

  #record(record: SessionRecord): void {
    this.#guard(() => this.#sink.record(record));
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#sink = noSink;
      this.#options.failed(error as Error);
    }
  }

  /** Resets the session when neither side has said anything for {@link sessionSilenceMs}. */
  #watch(ms: number): void {
    const { clock } = this.#options;
    this.#timer = clock.setTimeout(() => {
      const left = this.#heardAt + sessionSilenceMs - clock.now();
      if (left > 0) {
        this.#watch(left);
        return;
      }
      const note = `neither side said anything for ${sessionSilenceMs / 1000} s: the proxy resets the session`;
      this.#record({ at: this.#at(), from: "dialler", note });
      this.reset();
    }, ms);
  }
}

/** Changes the versions in the first seven bytes of a direction, if these are a header; holds them back till then. */
function versionRewriter(versions: VersionRange): (chunk: Uint8Array) => Uint8Array {
  let held: Uint8Array | undefined = new Uint8Array(0);
  return (chunk) => {
    if (held === undefined) return chunk;
    const bytes: Uint8Array = Buffer.concat([held, chunk]);
    held = bytes;
    if (bytes.length < headerBytes) return new Uint8Array(0);
    held = undefined;
    if (readHeader(bytes.subarray(0, headerBytes)) !== undefined) {
      bytes[5] = versions.minVersion;
      bytes[6] = versions.maxVersion;
    }
    return bytes;
  };
}
