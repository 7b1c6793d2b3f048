import type { Features } from "./features.ts";
import type { FrameReader, FrameWriter } from "./frames.ts";
import type { MessageOpener, MessageSealer } from "./message-number.ts";

/** A connection whose handshake is done. */
export interface Session {
  readonly version: 1 | 2;
  /** What the other side said of itself, not yet checked; in version 1 only the five features that it may carry. */
  readonly features: Features;
  /** 32 bytes; missing on a plain connection. Wiped with the session: copy it to keep it longer. */
  readonly sessionKey?: Uint8Array;
  readonly outgoing: FrameWriter;
  /** Already holds what came after the handshake: ask it for messages before waiting for more bytes. */
  readonly incoming: FrameReader;
  /** To be called when the connection ends: overwrites the key material. Sealed messages are refused afterwards. */
  wipe(): void;
}

/** The parts of a session on a sealed connection. */
export interface Sealing {
  readonly sessionKey: Uint8Array;
  readonly sealer: MessageSealer;
  readonly opener: MessageOpener;
}

/** Puts a session together. */
export function openSession(
  version: 1 | 2,
  features: Features,
  outgoing: FrameWriter,
  incoming: FrameReader,
  sealing: Sealing | undefined,
): Session {
  if (sealing === undefined) return { version, features, outgoing, incoming, wipe() {} };
  return {
    version,
    features,
    sessionKey: sealing.sessionKey,
    outgoing,
    incoming,
    wipe() {
      sealing.sessionKey.fill(0);
      sealing.sealer.wipe();
      sealing.opener.wipe();
    },
  };
}
