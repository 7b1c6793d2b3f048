import { TransportError } from "../transport/index.ts";
import {
  FrameError,
  HandshakeError,
  type RefusalReason,
  recogniseProtocol,
  refusalReason,
  refusalText,
  refusalTexts,
} from "../wire/index.ts";
import { RouterError, type RouterErrorCode } from "./errors.ts";

/**
 * The progress of a connection. No reason for a refusal travels on the wire, so that only this tells why the other side may
 * have ended it.
 */
export type ConnectionPhase =
  | "header"
  | "key"
  | "features"
  /** The handshake is done, but nothing has come after it. */
  | "first-message"
  | "running";

/** The reason for which a connection was refused or ended, as a code and in words. */
export interface Explanation {
  /** The most likely reason. Undefined for the end of a running connection. */
  readonly reason: RefusalReason | undefined;
  /** A sentence for people. It names the other likely reasons, too. */
  readonly text: string;
}

const ownReasons: Partial<Record<RouterErrorCode, RefusalReason>> = {
  "duplicate-connection": "limit-or-duplicate",
  "connection-limit": "limit-or-duplicate",
  "unknown-peer": "unknown-peer",
  "connect-to-self": "oneself",
  "name-collision": "name-taken",
};

/** Our own side of a connection. */
export interface OwnSide {
  /** Whether we have a password. */
  readonly sealed: boolean;
  /** The protocol version of a connection whose handshake is done. */
  readonly version?: 1 | 2 | undefined;
}

/** The reasons for which the other side may have ended a connection in a phase, the most likely one first. */
function likelyReasons(phase: ConnectionPhase, { sealed, version }: OwnSide): readonly RefusalReason[] {
  switch (phase) {
    case "header":
      return ["not-a-mesh-port", "filtered"];
    case "key":
      return [sealed ? "password-missing" : "password-not-wanted"];
    case "features":
      // In version 1 the features say whether there is a password.
      return sealed
        ? ["wrong-password", "password-missing", "other-flavour"]
        : ["other-flavour", "password-not-wanted"];
    case "first-message": {
      const reasons: readonly RefusalReason[] = [
        "limit-or-duplicate",
        "name-taken",
        "oneself",
        "unknown-peer",
      ];
      // In version 1 the first sealed message shows whether the passwords agree.
      return sealed && version === 1 ? ["wrong-password", ...reasons] : reasons;
    }
    case "running":
      return [];
  }
}

/**
 * Explains why a connection was refused or ended, by us or by the other side.
 *
 * @returns undefined where the error itself says it.
 */
export function explain(error: Error, phase: ConnectionPhase, own: OwnSide): Explanation | undefined {
  // In the handshake, the transport's error is the cause of the handshake's.
  const cause = error instanceof HandshakeError ? error.cause : error;
  if (cause instanceof TransportError && cause.code === "timeout") {
    return { reason: "fell-silent", text: `${refusalTexts["fell-silent"]} ${when[phase]}` };
  }
  const refusal = ownRefusal(error, phase);
  if (refusal !== undefined) return refusal;
  if (!lost(error)) return undefined;
  const protocol = receivedProtocol(error);
  if (protocol !== undefined) return protocol;
  const [reason, ...others] = likelyReasons(phase, own);
  if (reason === undefined) return undefined;
  const words = [reason, ...others].map((each) => refusalTexts[each]).join("; or ");
  return { reason, text: `the other side ended the connection ${when[phase]}; most likely ${words}` };
}

/** Explains why dialling failed; undefined where the error itself says it. */
export function explainDial(error: Error): Explanation | undefined {
  if (!(error instanceof TransportError) || error.operation !== "dial") return undefined;
  const filtered = error.code === "timeout" || error.code === "unreachable";
  const reason = error.code === "refused" ? "refused" : filtered ? "filtered" : undefined;
  return reason === undefined ? undefined : { reason, text: refusalTexts[reason] };
}

function ownRefusal(error: Error, phase: ConnectionPhase): Explanation | undefined {
  if (error instanceof HandshakeError) {
    const reason = refusalReason(error);
    return reason && { reason, text: `refused: ${refusalText(error)}` };
  }
  const reason =
    error instanceof RouterError
      ? ownReasons[error.code]
      : error instanceof FrameError && error.code === "cannot-decrypt" && phase === "first-message"
        ? "wrong-password"
        : undefined;
  return reason && { reason, text: `refused: ${refusalTexts[reason]}` };
}

function receivedProtocol(error: Error): Explanation | undefined {
  if (!(error instanceof HandshakeError) || error.received === undefined) return undefined;
  const protocol = recogniseProtocol(error.received);
  if (protocol === undefined) return undefined;
  const reason = "not-a-mesh-port";
  return { reason, text: `refused: ${refusalTexts[reason]}, but ${protocol}` };
}

/** Whether the other side has ended the connection. */
function lost(error: Error): boolean {
  return (
    (error instanceof HandshakeError &&
      /^(header-missing|header-incomplete|connection-lost)$/.test(error.code)) ||
    (error instanceof TransportError && /^(reset|broken-pipe|eof)$/.test(error.code)) ||
    (error instanceof RouterError && error.code === "closed-by-peer")
  );
}

const when: Readonly<Record<ConnectionPhase, string>> = {
  header: "before its protocol header",
  key: "in the exchange of keys",
  features: "in the exchange of features",
  "first-message": "after the handshake, before its first message",
  running: "between messages or in the middle of one",
};
