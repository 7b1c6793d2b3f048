import type { FrameEvent, FrameTap, Router } from "../router/index.ts";
import type { SessionSink } from "./recording-proxy.ts";
import {
  makeSessionHeader,
  otherSide,
  type SessionEnd,
  type SessionHeader,
  type Side,
} from "./session-file.ts";

/** What a recorder needs. */
export interface FrameRecorderOptions {
  /** Our own address, for the headers. */
  readonly localAddress?: string;
  /** How the recordings are made. */
  readonly made?: Readonly<Record<string, string>>;
  /** Called at the first part of each connection. */
  open(header: SessionHeader): SessionSink;
}

interface OpenSession {
  readonly remoteAddress: string;
  readonly outbound: boolean;
  readonly sink: SessionSink;
  readonly started: number;
  lastAt: number;
}

/**
 * Records the plain conversation of a router's connections, one session each: give its `tap` to the router as `onFrame`,
 * and then the router to `watch`, so that recordings end with their connections; otherwise they end with `stop`.
 */
export class FrameRecorder {
  readonly #options: FrameRecorderOptions;
  readonly #sessions = new Map<number, OpenSession>();

  constructor(options: FrameRecorderOptions) {
    this.#options = options;
  }

  /** For `RouterOptions.onFrame`. */
  readonly tap: FrameTap = (event) => {
    const session = this.#sessions.get(event.connection) ?? this.#open(event);
    const from = sideOf(event);
    session.lastAt = Math.max(0, event.at - session.started);
    session.sink.record({ at: session.lastAt, from, part: event.part, bytes: event.bytes });
  };

  /** Ends the recording of each connection when the router says that the connection has ended. */
  watch(router: Pick<Router, "addEventListener">): void {
    router.addEventListener("connectionclosed", ({ detail }) => {
      for (const [number, session] of this.#sessions) {
        if (session.remoteAddress !== detail.address || session.outbound !== detail.outbound) continue;
        const { code } = detail.error as { code?: unknown };
        const theirs = code === "reset" || code === "eof" || detail.error.message === "EOF";
        const own: Side = session.outbound ? "dialler" : "listener";
        this.#end(
          number,
          session,
          theirs ? otherSide(own) : own,
          detail.error.message === "EOF" ? "fin" : "reset",
        );
        // The oldest: connections to one address end in the order in which they began.
        return;
      }
    });
  }

  /** Ends all recordings. */
  stop(): void {
    for (const [number, session] of this.#sessions) this.#end(number, session, undefined, "open");
  }

  /** `first` is who ended it; what the other side did then is not known. */
  #end(number: number, { sink, lastAt }: OpenSession, first: Side | undefined, end: SessionEnd): void {
    this.#sessions.delete(number);
    if (first !== undefined) sink.record({ at: lastAt, from: first, end });
    for (const from of ["dialler", "listener"] as const) {
      if (from !== first) sink.record({ at: lastAt, from, end: "open" });
    }
    sink.closed();
  }

  #open(event: FrameEvent): OpenSession {
    const { localAddress, made, open } = this.#options;
    const own = localAddress === undefined ? {} : { address: localAddress };
    const other = { address: event.remoteAddress };
    const header = makeSessionHeader({
      layer: "plain",
      startedAt: event.at,
      ...(made !== undefined && { made }),
      dialler: event.outbound ? own : other,
      listener: event.outbound ? other : own,
    });
    const { remoteAddress, outbound } = event;
    const started = Date.parse(header.started);
    const session = { remoteAddress, outbound, sink: open(header), started, lastAt: 0 };
    this.#sessions.set(event.connection, session);
    return session;
  }
}

function sideOf({ outbound, direction }: FrameEvent): Side {
  const own: Side = outbound ? "dialler" : "listener";
  return direction === "out" ? own : otherSide(own);
}
