import type { Clock } from "../transport/index.ts";

/** Which part of a connection's conversation some bytes are. */
export type FramePart =
  /** The protocol header: `weave` and two versions. */
  | "header"
  /** Version 2: the encryption flag, with a public key if there is a password. */
  | "key"
  /** The gob stream of the features map (in version 1 what the wire carries, else the plain body of the first frame). */
  | "features"
  /** A message: tag and body, opened if it was sealed. May be empty. */
  | "message";

/** One piece of plain conversation, as it was sent or received. */
export interface FrameEvent {
  /** A number of the connection, unique in the router's life, counted from 1. */
  readonly connection: number;
  readonly direction: "in" | "out";
  readonly part: FramePart;
  /** Not to be changed; may be a view of a larger buffer. */
  readonly bytes: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly outbound: boolean;
  /** As Status shows it. */
  readonly remoteAddress: string;
}

/** Sees all plain conversation of a router. Called in the order of events, before anything is done about them. */
export type FrameTap = (event: FrameEvent) => void;

/** Sees the plain conversation of one connection. */
export type ConnectionTap = (direction: "in" | "out", part: FramePart, bytes: Uint8Array) => void;

/** What each event of a connection says of it. */
export type TappedConnection = Pick<FrameEvent, "connection" | "outbound" | "remoteAddress">;

/** A router's tap as one of its connections uses it; undefined if there is none. */
export function tapFor(
  onFrame: FrameTap | undefined,
  clock: Clock,
  about: TappedConnection,
): ConnectionTap | undefined {
  if (onFrame === undefined) return undefined;
  return (direction, part, bytes) => onFrame({ ...about, direction, part, bytes, at: clock.now() });
}
