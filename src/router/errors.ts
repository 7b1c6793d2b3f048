/** The reason for which a connection was refused or ended, or an option was refused. Stable, for programs. */
export type RouterErrorCode =
  /** Both sides are connected to each other already, and this connection lost the tie (or nobody won). */
  | "duplicate-connection"
  | "connection-limit"
  /** Connections that have not proved that they know the password reached a limit, and this one was reset. */
  | "unproved-limit"
  /** An unknown peer answered at a discovered address. */
  | "unknown-peer"
  | "connect-to-self"
  | "name-collision"
  /** The overlay established a connection that had already been replaced or deleted. */
  | "connection-replaced"
  /** The other side closed the connection. */
  | "closed-by-peer"
  /** The overlay gave up the connection; `cause` is its error. */
  | "overlay-failed"
  | "invalid-target"
  | "invalid-option"
  | "not-running"
  | "already-running"
  | "stopped";

/** An error of the router. `address` or `peer` say where it happened, where that is known. */
export class RouterError extends Error {
  override readonly name = "RouterError";
  readonly code: RouterErrorCode;
  /** Remote address, as `host:port`, or the target as it was given. */
  readonly address: string | undefined;
  /** The remote peer, as `NAME(NICKNAME)`, each cut at 1 KiB and escaped. */
  readonly peer: string | undefined;

  constructor(
    code: RouterErrorCode,
    message: string,
    context: { address?: string | undefined; peer?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.code = code;
    this.address = context.address;
    this.peer = context.peer;
  }
}

/** Anything thrown as an Error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/**
 * The other side has closed the connection: the ordinary end of one. Without a stack trace, which would tell nothing and
 * takes longer to record (6 µs) than most of what is done at the end of a connection.
 */
export function closedByPeer(address: string): RouterError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new RouterError("closed-by-peer", "EOF", { address });
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}
