import { getSystemErrorMap } from "node:util";
import { formatAddress, joinHostPort, type SocketAddress } from "./address.ts";

/** Why a transport failed. Decide on this, never on the text. */
export type TransportErrorCode =
  /** Nobody listens there. */
  | "refused"
  /** The other side ended the connection with RST. */
  | "reset"
  /** Written to after the other side was gone. */
  | "broken-pipe"
  /** No answer in time: to dialling, or (see {@link timeoutError}) within a deadline of ours. */
  | "timeout"
  /** No way to that address. */
  | "unreachable"
  /** The name of a host or service is not known, or could not be looked up. */
  | "resolve"
  /** Somebody listens on that port already. */
  | "in-use"
  /** The address to listen on or to dial from is not one of ours. */
  | "address-not-available"
  /** Not permitted, as listening on a low port. */
  | "access-denied"
  /** The text of an address is malformed. */
  | "address"
  /** The other side finished where more was expected. */
  | "eof"
  /** We closed it ourselves. */
  | "closed"
  /** The caller's signal gave up. */
  | "aborted"
  /** Anything else that the system reports; `cause` has its code. */
  | "io";

/** What was being done when it went wrong. */
export type TransportOperation = "listen" | "accept" | "dial" | "read" | "write" | "lookup" | "parse";

export interface TransportErrorOptions extends ErrorOptions {
  readonly operation: TransportOperation;
  /** What it was done to: a remote `host:port`, the address to listen on, a host name. */
  readonly target?: string;
}

/**
 * What went wrong on the network. The message is the text that Go's net package would give, as the original shows it
 * in its log and status; the texts were taken from Go 1.26 on Linux.
 */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly code: TransportErrorCode;
  readonly operation: TransportOperation;
  readonly target: string | undefined;

  constructor(code: TransportErrorCode, message: string, options: TransportErrorOptions) {
    super(message, options);
    this.code = code;
    this.operation = options.operation;
    this.target = options.target;
  }
}

/** The system's errors that have a code of their own, with Go's text for them. Source: Go, syscall, zerrors_linux. */
const conditions = {
  ECONNREFUSED: ["refused", "connection refused"],
  ECONNRESET: ["reset", "connection reset by peer"],
  ECONNABORTED: ["reset", "software caused connection abort"],
  EPIPE: ["broken-pipe", "broken pipe"],
  ETIMEDOUT: ["timeout", "connection timed out"],
  EHOSTUNREACH: ["unreachable", "no route to host"],
  ENETUNREACH: ["unreachable", "network is unreachable"],
  EHOSTDOWN: ["unreachable", "host is down"],
  ENETDOWN: ["unreachable", "network is down"],
  EAFNOSUPPORT: ["unreachable", "address family not supported by protocol"],
  EADDRINUSE: ["in-use", "address already in use"],
  EADDRNOTAVAIL: ["address-not-available", "cannot assign requested address"],
  EACCES: ["access-denied", "permission denied"],
  EPERM: ["access-denied", "operation not permitted"],
  EINVAL: ["io", "invalid argument"],
  EMFILE: ["io", "too many open files"],
  ENFILE: ["io", "too many open files in system"],
  ENOBUFS: ["io", "no buffer space available"],
  ENOMEM: ["io", "cannot allocate memory"],
} as const satisfies Record<string, readonly [TransportErrorCode, string]>;

/** The name of a condition, as the operating system calls it. */
export type Condition = keyof typeof conditions;

/** A failed system call: its condition by name, or the error that Node reported for it. */
export type SystemFailure = Condition | NodeJS.ErrnoException;

/** The code for a failed system call, and what Go prints about it: `connect: connection refused`. */
function describe(call: string, failure: SystemFailure): [TransportErrorCode, string, ErrorOptions] {
  const name = typeof failure === "string" ? failure : (failure.code ?? "");
  const [code, text] = conditions[name as Condition] ?? ["io", otherText(failure)];
  // Go makes the socket in a call of its own; for Node it is part of the next.
  const failed = name === "EMFILE" || name === "ENFILE" ? "socket" : call;
  return [code, `${failed}: ${text}`, typeof failure === "string" ? {} : { cause: failure }];
}

function otherText(failure: SystemFailure): string {
  if (typeof failure === "string") return failure;
  return getSystemErrorMap().get(failure.errno ?? 0)?.[1] ?? failure.message;
}

/** `dial tcp LOCALHOST:0->REMOTE: CALL: TEXT`; `localHost` as it was configured, "" if it was not. */
export function dialError(
  localHost: string,
  remote: SocketAddress,
  call: "connect" | "bind",
  failure: SystemFailure,
): TransportError {
  const [code, text, options] = describe(call, failure);
  const target = formatAddress(remote);
  const message = `dial tcp ${joinHostPort(localHost, 0)}->${target}: ${text}`;
  return new TransportError(code, message, { ...options, operation: "dial", target });
}

/** `dial tcp REMOTE: operation was canceled`, for an attempt that its caller gave up. */
export function abortedError(remote: SocketAddress, cause: unknown): TransportError {
  const target = formatAddress(remote);
  return new TransportError("aborted", `dial tcp ${target}: operation was canceled`, {
    cause,
    operation: "dial",
    target,
  });
}

/** `listen tcp ADDRESS: bind: TEXT`; the address as it was asked for. */
export function listenError(host: string, port: number, failure: SystemFailure): TransportError {
  const [code, text, options] = describe("bind", failure);
  const target = joinHostPort(host, port);
  return new TransportError(code, `listen tcp ${target}: ${text}`, {
    ...options,
    operation: "listen",
    target,
  });
}

/** `accept tcp ADDRESS: accept4: TEXT`. */
export function acceptError(address: SocketAddress, failure: SystemFailure): TransportError {
  const [code, text, options] = describe("accept4", failure);
  const target = formatAddress(address);
  // Accepting makes its socket in this very call.
  const message = `accept tcp ${target}: ${text.replace(/^socket:/, "accept4:")}`;
  return new TransportError(code, message, { ...options, operation: "accept", target });
}

/** Both ends of a connection; a `Socket` is one. */
export interface SocketEnds {
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
}

/** `read tcp LOCAL->REMOTE: read: TEXT`, and likewise for write. */
export function socketError(
  operation: "read" | "write",
  ends: SocketEnds,
  failure: SystemFailure,
): TransportError {
  const [code, text, options] = describe(operation, failure);
  return new TransportError(code, `${between(operation, ends)}: ${text}`, {
    ...options,
    operation,
    target: formatAddress(ends.remoteAddress),
  });
}

/**
 * The error for a deadline that passed: `read tcp LOCAL->REMOTE: i/o timeout`, code "timeout". Sockets here have no
 * deadlines; who sets a timer for one reports this, as Go's `SetDeadline` makes reading and writing do.
 */
export function timeoutError(operation: "read" | "write", ends: SocketEnds): TransportError {
  return new TransportError("timeout", `${between(operation, ends)}: i/o timeout`, {
    operation,
    target: formatAddress(ends.remoteAddress),
  });
}

/** The error for using a socket that we closed: `write tcp LOCAL->REMOTE: use of closed network connection`. */
export function closedError(operation: "read" | "write", ends: SocketEnds): TransportError {
  return new TransportError("closed", `${between(operation, ends)}: use of closed network connection`, {
    operation,
    target: formatAddress(ends.remoteAddress),
  });
}

/** `EOF`: the other side finished where more was expected. A socket reports its end as `end()`; this is its text. */
export function eofError(ends?: SocketEnds): TransportError {
  return new TransportError("eof", "EOF", {
    operation: "read",
    ...(ends && { target: formatAddress(ends.remoteAddress) }),
  });
}

/** `lookup HOST: no such host`. */
export function lookupError(host: string, text = "no such host", cause?: unknown): TransportError {
  return new TransportError("resolve", `lookup ${host}: ${text}`, {
    cause,
    operation: "lookup",
    target: host,
  });
}

/** `lookup HOST: operation was canceled`, for a lookup that its caller gave up. */
export function lookupAbortedError(host: string, cause: unknown): TransportError {
  return new TransportError("aborted", `lookup ${host}: operation was canceled`, {
    cause,
    operation: "lookup",
    target: host,
  });
}

function between(operation: "read" | "write", ends: SocketEnds): string {
  return `${operation} tcp ${formatAddress(ends.localAddress)}->${formatAddress(ends.remoteAddress)}`;
}
