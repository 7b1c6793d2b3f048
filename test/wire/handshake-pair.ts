import { type Features, Handshake, type HandshakeOptions, type Session } from "../../src/wire/index.ts";
import { concat, pattern } from "./bytes.ts";

export const diallerFeatures: Features = new Map([
  ["PeerNameFlavour", "mac"],
  ["Name", "00:00:00:00:00:01"],
  ["NickName", "dialler"],
  ["ShortID", "17"],
  ["UID", "123"],
  ["ConnID", "456"],
  ["Trusted", "false"],
  ["Overlay", "extra"],
]);

export const acceptorFeatures: Features = new Map([
  ["PeerNameFlavour", "mac"],
  ["Name", "00:00:00:00:00:02"],
  ["NickName", "acceptor"],
  ["UID", "789"],
  ["ConnID", "1000"],
]);

/** The dialler's side of a handshake; its secret key is always the same. */
export function dialler(options: Partial<HandshakeOptions> = {}): Handshake {
  return new Handshake({
    minVersion: 1,
    maxVersion: 2,
    features: diallerFeatures,
    outbound: true,
    randomBytes: pattern,
    ...options,
  });
}

/** The accepting side. */
export function acceptor(options: Partial<HandshakeOptions> = {}): Handshake {
  return new Handshake({
    minVersion: 1,
    maxVersion: 2,
    features: acceptorFeatures,
    outbound: false,
    randomBytes: (length) => pattern(length).map((byte) => byte ^ 0x5a),
    ...options,
  });
}

/** What two handshakes have said to each other, and the sessions that came of it. */
export interface Conversation {
  readonly fromDialler: Uint8Array[];
  readonly fromAcceptor: Uint8Array[];
  diallerSession?: Session;
  acceptorSession?: Session;
}

/** Lets two handshakes talk until neither has anything to say. `cut` cuts what is on its way. */
export function converse(
  dialling: Handshake,
  accepting: Handshake,
  cut: (bytes: Uint8Array) => Uint8Array[] = (bytes) => [bytes],
): Conversation {
  const conversation: Conversation = { fromDialler: [], fromAcceptor: [] };
  let toAcceptor = [dialling.start()];
  let toDialler = [accepting.start()];
  while (toAcceptor.length + toDialler.length > 0) {
    conversation.fromDialler.push(...toAcceptor);
    conversation.fromAcceptor.push(...toDialler);
    const accepted = receive(accepting, conversation.acceptorSession, cut(concat(...toAcceptor)));
    const dialled = receive(dialling, conversation.diallerSession, cut(concat(...toDialler)));
    if (accepted.session !== undefined) conversation.acceptorSession = accepted.session;
    if (dialled.session !== undefined) conversation.diallerSession = dialled.session;
    toDialler = accepted.write;
    toAcceptor = dialled.write;
  }
  return conversation;
}

function receive(
  handshake: Handshake,
  already: Session | undefined,
  chunks: readonly Uint8Array[],
): { write: Uint8Array[]; session: Session | undefined } {
  const write: Uint8Array[] = [];
  let session = already;
  for (const chunk of chunks) {
    if (session !== undefined) {
      session.incoming.push(chunk);
      continue;
    }
    const result = handshake.push(chunk);
    write.push(...result.write);
    session = result.session;
  }
  return { write, session };
}
