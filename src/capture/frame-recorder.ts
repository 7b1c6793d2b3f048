import type { FrameEvent, FrameTap } from "../router/index.ts";
import type { SessionSink } from "./recording-proxy.ts";
import { makeSessionHeader, otherSide, type SessionHeader, type Side } from "./session-file.ts";

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
  readonly sink: SessionSink;
  readonly started: number;
  lastAt: number;
}

/**
 * Records the plain conversation of a router's connections, one session each: give its `tap` to the router as `onFrame`.
 * A tap does not see connections end; their recordings end when `stop` is called.
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

  /** Ends all recordings. */
  stop(): void {
    for (const { sink, lastAt } of this.#sessions.values()) {
      for (const from of ["dialler", "listener"] as const) sink.record({ at: lastAt, from, end: "open" });
      sink.closed();
    }
    this.#sessions.clear();
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
    const session = { sink: open(header), started: Date.parse(header.started), lastAt: 0 };
    this.#sessions.set(event.connection, session);
    return session;
  }
}

function sideOf({ outbound, direction }: FrameEvent): Side {
  const own: Side = outbound ? "dialler" : "listener";
  return direction === "out" ? own : otherSide(own);
}
