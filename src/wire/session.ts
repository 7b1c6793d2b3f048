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
  /**
   * Whether the other side has proved that it knows the password: a message of its own has been opened. On a plain
   * connection there is nothing to prove. In version 2 the features are such a message. In version 1 they are not
   * sealed, so that anybody can send them and copy them from somebody else, and the first message is the proof.
   */
  readonly proved: boolean;
  readonly outgoing: FrameWriter;
  /** Already holds what came after the handshake: ask it for messages before waiting for more bytes. */
  readonly incoming: FrameReader;
  /**
   * Reads ahead, if need be, to the message that proves the other side, which `incoming` still gives out. Returns
   * `proved`: false if more bytes are needed.
   *
   * @throws {@link FrameError} as `incoming.next`
   */
  prove(): boolean;
  /** The memory that features and received bytes keep alive, in bytes, objects included. */
  readonly heldBytes: number;
  /** To be called when the connection ends: overwrites the key material. Sealed messages are refused afterwards. */
  wipe(): void;
}

/** The parts of a session on a sealed connection. */
export interface Sealing {
  readonly sessionKey: Uint8Array;
  readonly sealer: MessageSealer;
  readonly opener: MessageOpener;
}

/** What a session is made of. */
export interface SessionParts extends Pick<Session, "version" | "features" | "outgoing" | "incoming"> {
  /** Missing on a plain connection. */
  readonly sealing: Sealing | undefined;
  /** Version 1: reads the next message before `incoming` is asked for it, if it has arrived. */
  readonly readAhead?: () => void;
  /** The memory that the features keep alive, in bytes, where it counts. */
  readonly featureMemory?: number;
}

/** Puts a session together. */
export function openSession(parts: SessionParts): Session {
  const { version, features, outgoing, incoming, sealing, readAhead, featureMemory = 0 } = parts;
  if (sealing === undefined) {
    return {
      version,
      features,
      outgoing,
      incoming,
      get heldBytes() {
        return featureMemory + incoming.heldBytes;
      },
      proved: true,
      prove: () => true,
      wipe() {},
    };
  }
  return {
    version,
    features,
    outgoing,
    incoming,
    sessionKey: sealing.sessionKey,
    get heldBytes() {
      return featureMemory + incoming.heldBytes;
    },
    get proved() {
      return sealing.opener.opened;
    },
    prove() {
      if (!sealing.opener.opened) readAhead?.();
      return sealing.opener.opened;
    },
    wipe() {
      sealing.sessionKey.fill(0);
      sealing.sealer.wipe();
      sealing.opener.wipe();
    },
  };
}
