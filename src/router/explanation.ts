import { TransportError } from "../transport/index.ts";
import { HandshakeError } from "../wire/index.ts";
import { RouterError } from "./errors.ts";

/**
 * How far a connection had come. No reason for a refusal travels on the wire, so that this is all there is to tell
 * why the other side may have ended it.
 */
export type ConnectionPhase =
  | "header"
  | "key"
  | "features"
  /** The handshake is done, but nothing has come after it. */
  | "first-message"
  | "running";

const likelyReasons: Readonly<Record<ConnectionPhase, string | undefined>> = {
  header: "it is no mesh peer, it has stopped, or something between us refuses the connection",
  key: "one side has a password and the other has none",
  features: "the passwords differ, or its peers are named in another flavour",
  "first-message":
    "it is connected to us already, its connection limit is reached, our name is taken by another peer or is its own, " +
    "or it found us at an address where it expected a peer that it knows",
  running: undefined,
};

/**
 * A sentence for people that says why the other side has probably refused or ended a connection; undefined where the
 * error itself says it, or nothing can be said.
 */
export function explain(error: Error, phase: ConnectionPhase): string | undefined {
  // In the handshake, what the transport says is the cause of the handshake's error.
  const cause = error instanceof HandshakeError ? error.cause : error;
  if (cause instanceof TransportError && cause.code === "timeout")
    return `the other side fell silent ${when[phase]}`;
  const lost =
    (error instanceof HandshakeError &&
      /^(header-missing|header-incomplete|connection-lost)$/.test(error.code)) ||
    (error instanceof TransportError && /^(reset|broken-pipe|eof)$/.test(error.code)) ||
    (error instanceof RouterError && error.code === "closed-by-peer");
  const reason = likelyReasons[phase];
  if (!lost || reason === undefined) return undefined;
  return `the other side ended the connection ${when[phase]}; most likely ${reason}`;
}

const when: Readonly<Record<ConnectionPhase, string>> = {
  header: "before its protocol header",
  key: "in the exchange of keys",
  features: "in the exchange of features",
  "first-message": "after the handshake, before its first message",
  running: "between messages or in the middle of one",
};
