import type { FrameEvent, FrameTap, Router } from "../router/index.ts";
import { MemoryBudget } from "./memory-budget.ts";
import type { SessionSink } from "./recording-proxy.ts";
import {
  makeSessionHeader,
  otherSide,
  type SessionEnd,
  type SessionHeader,
  type SessionRecord,
  type Side,
} from "./session-file.ts";

/**
 * The most bytes recorded, in one run of the process, of connections on which the other side has sent no message: it may
 * not know the password. Beyond it connections are recorded from their first message on.
 */
export const maxUnprovedBytes = 64 * 1024 * 1024;
/** About the space of a file on a disk besides its records. */
const fileCost = 4096;

/** The surroundings of a recorder. */
export interface FrameRecorderOptions {
  /** Our own address, for the headers. */
  readonly localAddress?: string;
  /** Programs and commands, for the headers. */
  readonly made?: Readonly<Record<string, string>>;
  /** Called when the other side of a connection has sent its first part. */
  open(header: SessionHeader): SessionSink;
}

interface OpenSession {
  readonly key: string;
  readonly header: SessionHeader;
  readonly outbound: boolean;
  readonly started: number;
  /** Our own parts until the other side has sent something; it may be a probe that never does. */
  first: SessionRecord[];
  /** Bytes that count as those of an unproved connection. */
  unproved: number;
  /** Whether parts were left out before the first message of the other side. */
  hasSkipped: boolean;
  /** Whether the other side has sent a message. */
  isProved: boolean;
  sink: SessionSink | undefined;
  lastAt: number;
}

/**
 * Records the plain conversation of a router's connections, one session each: give its `tap` to the router as `onFrame`,
 * and then the router to `watch`, so that recordings end with their connections; otherwise they end with `stop`.
 * Connections on which the other side says nothing are not recorded, and those on which it sends no message only up to
 * {@link maxUnprovedBytes} in all.
 */
export class FrameRecorder {
  readonly #options: FrameRecorderOptions;
  readonly #sessions = new Map<number, OpenSession>();
  /** The numbers of the open connections with an address, in one direction; oldest first. */
  readonly #byAddress = new Map<string, Set<number>>();
  readonly #unproved = new MemoryBudget(maxUnprovedBytes);

  constructor(options: FrameRecorderOptions) {
    this.#options = options;
  }

  /** For `RouterOptions.onFrame`. */
  readonly tap: FrameTap = (event) => {
    const session = this.#sessions.get(event.connection) ?? this.#begin(event);
    const from = sideOf(event);
    session.lastAt = Math.max(0, event.at - session.started);
    const record = { at: session.lastAt, from, part: event.part, bytes: event.bytes };
    if (event.direction === "in" && event.part === "message") this.#prove(session);
    else if (!session.isProved && !this.#takeUnproved(session, event.bytes.length)) return;
    if (event.direction === "in") this.#start(session);
    if (session.sink !== undefined) session.sink.record(record);
    else session.first.push(record);
  };

  /** Counts a part of an unproved connection; whether it is recorded. */
  #takeUnproved(session: OpenSession, bytes: number): boolean {
    const cost = bytes + (session.unproved === 0 ? fileCost : 0);
    if (this.#unproved.take(cost)) session.unproved += cost;
    else session.hasSkipped = true;
    return !session.hasSkipped;
  }

  /** The other side has sent a message. */
  #prove(session: OpenSession): void {
    if (session.isProved) return;
    session.isProved = true;
    this.#unproved.release(session.unproved);
    session.unproved = 0;
    this.#start(session);
    if (!session.hasSkipped) return;
    const from: Side = session.outbound ? "listener" : "dialler";
    session.sink?.record({ at: session.lastAt, from, note: "parts of the handshake were not recorded" });
  }

  /** Opens the recording. */
  #start(session: OpenSession): void {
    if (session.sink !== undefined) return;
    session.sink = this.#options.open(session.header);
    for (const earlier of session.first) session.sink.record(earlier);
    session.first = [];
  }

  /** Ends the recording of each connection when the router says that the connection has ended. */
  watch(router: Pick<Router, "addEventListener">): void {
    router.addEventListener("connectionclosed", ({ detail }) => {
      // The oldest: connections to one address end in the order in which they began.
      for (const number of this.#byAddress.get(keyOf(detail.outbound, detail.address)) ?? []) {
        const session = this.#sessions.get(number)!;
        const { code } = detail.error as { code?: unknown };
        const theirs = code === "reset" || code === "eof" || detail.error.message === "EOF";
        const own: Side = session.outbound ? "dialler" : "listener";
        this.#end(
          number,
          session,
          theirs ? otherSide(own) : own,
          detail.error.message === "EOF" ? "fin" : "reset",
        );
        return;
      }
    });
  }

  /** Ends all recordings. */
  stop(): void {
    for (const [number, session] of this.#sessions) this.#end(number, session, undefined, "open");
  }

  /** `first` is the side that ended it; what the other side did then is not known. */
  #end(number: number, session: OpenSession, first: Side | undefined, end: SessionEnd): void {
    const { key, sink, lastAt } = session;
    this.#sessions.delete(number);
    const same = this.#byAddress.get(key);
    same?.delete(number);
    if (same?.size === 0) this.#byAddress.delete(key);
    if (sink === undefined) {
      // Nothing was written of it.
      this.#unproved.release(session.unproved);
      return;
    }
    if (first !== undefined) sink.record({ at: lastAt, from: first, end });
    for (const from of ["dialler", "listener"] as const) {
      if (from !== first) sink.record({ at: lastAt, from, end: "open" });
    }
    sink.closed();
  }

  #begin({ connection, at, outbound, remoteAddress }: FrameEvent): OpenSession {
    const { localAddress, made } = this.#options;
    const own = localAddress === undefined ? {} : { address: localAddress };
    const other = { address: remoteAddress };
    const header = makeSessionHeader({
      layer: "plain",
      startedAt: at,
      ...(made !== undefined && { made }),
      dialler: outbound ? own : other,
      listener: outbound ? other : own,
    });
    const started = Date.parse(header.started);
    const key = keyOf(outbound, remoteAddress);
    const session: OpenSession = {
      key,
      header,
      outbound,
      started,
      first: [],
      unproved: 0,
      hasSkipped: false,
      isProved: false,
      sink: undefined,
      lastAt: 0,
    };
    this.#sessions.set(connection, session);
    const same = this.#byAddress.get(key);
    if (same === undefined) this.#byAddress.set(key, new Set([connection]));
    else same.add(connection);
    return session;
  }
}

function keyOf(outbound: boolean, address: string): string {
  return `${outbound ? "to" : "from"} ${address}`;
}

function sideOf({ outbound, direction }: FrameEvent): Side {
  const own: Side = outbound ? "dialler" : "listener";
  return direction === "out" ? own : otherSide(own);
}
