import type { SessionHeader, SessionRecord } from "./session-file.ts";

/** A session begins; sessions of one source are numbered from 1. */
export interface OpenEvent {
  readonly type: "open";
  readonly session: number;
  readonly header: SessionHeader;
}

/** Something happened in a session. */
export interface RecordEvent {
  readonly type: "record";
  readonly session: number;
  readonly record: SessionRecord;
}

/** Nothing more will come of a session. */
export interface CloseEvent {
  readonly type: "close";
  readonly session: number;
}

/** What a recording says, in the order of time. */
export type SourceEvent = OpenEvent | RecordEvent | CloseEvent;

/** A recording that is read from chunks of any size. Both calls throw CaptureErrors. */
export interface Source {
  push(chunk: Uint8Array): SourceEvent[];
  /** The recording has ended: to be called until it gives nothing more. */
  end(): SourceEvent[];
}
