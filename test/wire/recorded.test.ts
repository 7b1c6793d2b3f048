import { readFileSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import * as gob from "../../src/gob/index.ts";
import type { Flavour } from "../../src/peer-name.ts";
import {
  decodeFeatures,
  describeFeatures,
  describeHeader,
  describeKey,
  describeMessage,
  EnvelopeReader,
  encodeDescribed,
  type Features,
  featuresSchema,
  Handshake,
  type HandshakeOptions,
  type HandshakePart,
  parseFeatures,
  type SealingBackend,
  type Session,
  sodiumBackend,
  Tag,
  tweetnaclBackend,
} from "../../src/wire/index.ts";
import { concat, cuts, hex, split, unhex } from "./bytes.ts";

type Side = "dialler" | "acceptor";

/** A connection between two real Go routers; see fixtures/session-key/manifest.json. */
interface Recorded {
  readonly name: string;
  readonly version: 1 | 2;
  readonly password: string | null;
  /** The dialler's first. */
  readonly secretKeys: readonly string[];
  readonly diallerName: string;
  readonly acceptorName: string;
  readonly chunks: readonly { readonly from: Side; readonly bytes: string }[];
  readonly payloadsToAcceptor: readonly string[];
  readonly payloadsToDialler: readonly string[];
}

/** What one side sent, in plain. */
interface Heard {
  readonly parts: ReadonlyMap<HandshakePart, Uint8Array>;
  readonly messages: readonly Uint8Array[];
  /** The listening side's session. */
  readonly session: Session;
}

function sentBy(side: Side, session: Recorded): Uint8Array {
  return concat(...session.chunks.filter((chunk) => chunk.from === side).map((chunk) => unhex(chunk.bytes)));
}

function options(side: Side, recorded: Recorded, features: Features): HandshakeOptions {
  const { password, secretKeys, version } = recorded;
  return {
    minVersion: 1,
    maxVersion: version,
    features,
    outbound: side === "dialler",
    randomBytes: () => unhex(secretKeys[side === "dialler" ? 0 : 1]!),
    types: new gob.TypeTable().assign(featuresSchema, 64),
    ...(password === null ? {} : { password: unhex(password) }),
  };
}

/** Hears what `side` sent, in the other's place. */
function hear(
  side: Side,
  recorded: Recorded,
  chunks: readonly Uint8Array[],
  backend?: SealingBackend,
): Heard {
  const parts = new Map<HandshakePart, Uint8Array>();
  const handshake = new Handshake({
    ...options(side === "dialler" ? "acceptor" : "dialler", recorded, new Map()),
    ...(backend === undefined ? {} : { backend }),
    tap: (direction, part, bytes) => {
      if (direction === "in") parts.set(part, bytes);
    },
  });
  handshake.start();
  const messages: Uint8Array[] = [];
  let session: Session | undefined;
  for (const chunk of chunks) {
    if (session === undefined) session = handshake.push(chunk).session;
    else session.incoming.push(chunk);
    if (session === undefined) continue;
    for (let message = session.incoming.next(); message !== undefined; message = session.incoming.next()) {
      messages.push(message);
    }
  }
  return { parts, messages, session: session! };
}

function payloadsOn(channel: string, messages: readonly Uint8Array[], flavour: Flavour): string[] {
  return messages.flatMap((message) => {
    const tag = message[0]!;
    if (tag !== Tag.gossip && tag !== Tag.unicast && tag !== Tag.broadcast) return [];
    const reader = new EnvelopeReader(message.subarray(1), flavour);
    if (reader.channel() !== channel) return [];
    reader.peerName();
    if (tag === Tag.unicast) reader.peerName();
    return [hex(reader.payload())];
  });
}

/** Goes through text, as a file that another process reads. */
function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function assertDescribed(t: ExecutionContext, { parts, messages }: Heard, flavour: Flavour): void {
  const described = [
    describeHeader(parts.get("header")!),
    ...(parts.has("key") ? [describeKey(parts.get("key")!)] : []),
    describeFeatures(parts.get("features")!),
    ...messages.map((message) => describeMessage(message, flavour)),
  ];
  t.deepEqual(
    described.filter((piece) => piece.kind === "raw"),
    [],
  );
  const again = described.map((piece) => hex(encodeDescribed(throughJson(piece))));
  const handshake = [...parts.values()];
  t.deepEqual(again, [...handshake, ...messages].map(hex));
}

/** Says what `side` said, with its key and in its order, and compares the bytes. */
function assertSaidAgain(t: ExecutionContext, side: Side, recorded: Recorded, heard: Heard): void {
  const features = decodeFeatures(heard.parts.get("features")!);
  const handshake = new Handshake(options(side, recorded, features));
  const other = side === "dialler" ? "acceptor" : "dialler";
  const written = [handshake.start()];
  const { write, session } = handshake.push(sentBy(other, recorded));
  written.push(...write);
  for (const message of heard.messages) written.push(session!.outgoing.encodeMessage(message));
  if (recorded.version === 1 && recorded.password !== null) {
    // Go put the public key somewhere among the features, we put it at the end: the same map in another order.
    const again = decodeFeatures(written[1]!);
    t.deepEqual([...again].sort(), [...features].sort());
    written[1] = heard.parts.get("features")!;
  }
  t.is(hex(concat(...written)), hex(sentBy(side, recorded)));
}

for (const flavour of ["mac", "hash"] as const) {
  const path = new URL(`../../fixtures/session-key/sessions-${flavour}.json`, import.meta.url);
  const { sessions } = JSON.parse(readFileSync(path, "utf8")) as { sessions: Recorded[] };

  test(`recorded sessions: both versions, with no password, with one and with an empty one (${flavour})`, (t) => {
    t.is(sessions.length, 6);
  });

  for (const recorded of sessions) {
    for (const side of ["dialler", "acceptor"] as const) {
      const title = `recorded session: Go's ${side}, ${recorded.name}, ${flavour}`;
      const bytes = sentBy(side, recorded);

      test(`${title}: the whole stream decodes`, (t) => {
        const { session, messages } = hear(side, recorded, [bytes]);
        t.is(session.version, recorded.version);
        t.is(session.incoming.end(), undefined);
        const identity = parseFeatures(session.features, flavour);
        t.is(identity.name as string, side === "dialler" ? recorded.diallerName : recorded.acceptorName);
        t.is(identity.nickName, side === "dialler" ? "diäller" : "acceptor");
        const expected = side === "dialler" ? recorded.payloadsToAcceptor : recorded.payloadsToDialler;
        t.deepEqual(payloadsOn("default", messages, flavour), expected);
        t.true(payloadsOn("topology", messages, flavour).length > 0);
      });

      for (const [cutName, cut] of cuts) {
        test(`${title}: received ${cutName} it decodes the same`, (t) => {
          const whole = hear(side, recorded, [bytes]);
          const pieces = hear(side, recorded, cut(bytes));
          t.deepEqual(pieces.messages.map(hex), whole.messages.map(hex));
          t.deepEqual([...pieces.session.features], [...whole.session.features]);
        });
      }

      test(`${title}: is described as JSON and comes back byte for byte`, (t) => {
        assertDescribed(t, hear(side, recorded, [bytes]), flavour);
      });

      test(`${title}: we would have sent the same bytes`, (t) => {
        assertSaidAgain(t, side, recorded, hear(side, recorded, [bytes]));
      });

      if (recorded.password === null) continue;
      test(`${title}: both back ends open it`, (t) => {
        const chunks = split(bytes, 50, recorded.name);
        const opened = [tweetnaclBackend, sodiumBackend ?? tweetnaclBackend].map((backend) =>
          hear(side, recorded, chunks, backend).messages.map(hex),
        );
        t.deepEqual(opened[0], opened[1]);
      });
    }
  }
}

test("recorded opening of the protocol notes: header, flag and the type definition of the features", (t) => {
  const handshake = new Handshake({
    minVersion: 1,
    maxVersion: 2,
    features: new Map([
      ["Trusted", "false"],
      ["PeerNameFlavour", "mac"],
    ]),
    outbound: true,
    randomBytes: () => new Uint8Array(32),
  });
  t.is(hex(handshake.start()), "77656176650102");
  const [flag, features] = handshake.push(unhex("7765617665010200")).write;
  t.is(hex(flag!), "00");
  t.true(
    hex(features!).startsWith(
      "00000036" +
        "0eff81040102ff8200010c010c0000" +
        "26ff82000207547275737465640566616c73650f506565724e616d65466c61766f7572036d6163",
    ),
  );
});
