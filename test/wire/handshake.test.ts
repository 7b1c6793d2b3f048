import test, { type ExecutionContext } from "ava";
import * as gob from "../../src/gob/index.ts";
import {
  encodeFeatures,
  featuresSchema,
  filterV1Features,
  HandshakeError,
  type HandshakeOptions,
  type Session,
  sodiumBackend,
  Tag,
  tweetnaclBackend,
} from "../../src/wire/index.ts";
import { ascii, concat, cuts, hex, pattern, unhex } from "./bytes.ts";
import {
  acceptor,
  acceptorFeatures,
  type Conversation,
  converse,
  dialler,
  diallerFeatures,
} from "./handshake-pair.ts";

const passwords: readonly (readonly [name: string, password: Uint8Array | undefined])[] = [
  ["no password", undefined],
  ["a password", ascii("secret")],
  ["the empty password", new Uint8Array(0)],
  ["a password that is no text", unhex("ff00fe")],
];

function withPassword(password: HandshakeOptions["password"]): Partial<HandshakeOptions> {
  return password === undefined ? {} : { password };
}

/** Each side sends messages, the other gets them. */
function assertTalking(t: ExecutionContext, { diallerSession, acceptorSession }: Conversation): void {
  const sides = [
    [diallerSession!, acceptorSession!],
    [acceptorSession!, diallerSession!],
  ] as const;
  for (const [from, to] of sides) {
    for (const body of [ascii("first"), new Uint8Array(0), pattern(3000)]) {
      to.incoming.push(from.outgoing.encode(Tag.gossip, body));
      t.is(hex(to.incoming.next()!), `04${hex(body)}`);
    }
  }
}

for (const version of [1, 2] as const) {
  for (const [passwordName, password] of passwords) {
    for (const [cutName, cut] of cuts) {
      test(`handshake: version ${version}, ${passwordName}: both sides are joined, received ${cutName}`, (t) => {
        const dialling = dialler(withPassword(password));
        const accepting = acceptor({ maxVersion: version, ...withPassword(password) });
        const conversation = converse(dialling, accepting, cut);
        const { diallerSession, acceptorSession } = conversation;
        t.is(dialling.phase, "done");
        t.is(accepting.phase, "done");
        t.is(diallerSession?.version, version);
        t.is(acceptorSession?.version, version);
        const sent = version === 1 ? filterV1Features(diallerFeatures) : diallerFeatures;
        t.deepEqual([...acceptorSession!.features], [...sent]);
        t.deepEqual([...diallerSession!.features], [...acceptorFeatures]);
        t.deepEqual(diallerSession?.sessionKey, acceptorSession?.sessionKey);
        t.is(diallerSession?.sessionKey?.length, password === undefined ? undefined : 32);
        assertTalking(t, conversation);
      });
    }
  }
}

test("handshake: version 2 without a password writes header, flag and features, byte for byte", (t) => {
  const { fromDialler } = converse(dialler(), acceptor());
  const features = encodeFeatures(diallerFeatures);
  const length = features.length.toString(16).padStart(8, "0");
  t.deepEqual(fromDialler.map(hex), ["77656176650102", "00", length + hex(features)]);
});

test("handshake: version 2 with a password writes its public key and seals the features", (t) => {
  const { fromDialler } = converse(dialler({ password: ascii("x") }), acceptor({ password: ascii("x") }));
  t.is(fromDialler.length, 3);
  t.is(fromDialler[1]!.length, 33);
  t.is(fromDialler[1]![0], 1);
  t.is(fromDialler[2]!.length, 4 + 16 + encodeFeatures(diallerFeatures).length);
});

test("handshake: version 1 writes five features, and with a password the public key in hex", (t) => {
  const plain = converse(dialler({ maxVersion: 1 }), acceptor()).fromDialler;
  t.deepEqual(plain.map(hex), ["77656176650101", hex(encodeFeatures(filterV1Features(diallerFeatures)))]);
  const password = ascii("x");
  const sealed = converse(dialler({ maxVersion: 1, password }), acceptor({ password })).fromDialler;
  t.regex(Buffer.from(sealed[1]!).toString("latin1"), /PublicKey\x40[0-9a-f]{64}$/);
});

test("handshake: the id of the features' type can be chosen in both versions", (t) => {
  for (const maxVersion of [1, 2] as const) {
    const types = new gob.TypeTable().assign(featuresSchema, 64);
    const { fromDialler } = converse(dialler({ maxVersion, types }), acceptor());
    t.true(hex(fromDialler.at(-1)!).includes("0d7f040102ff8000010c010c0000"));
  }
});

test("handshake: the phases are header, key, features, done", (t) => {
  const accepting = acceptor({ password: ascii("x") });
  const { fromDialler } = converse(dialler({ password: ascii("x") }), acceptor({ password: ascii("x") }));
  accepting.start();
  const phases: string[] = [accepting.phase];
  for (const bytes of fromDialler) {
    accepting.push(bytes);
    phases.push(accepting.phase);
  }
  t.deepEqual(phases, ["header", "key", "features", "done"]);
});

test("handshake: what follows it in the same chunk is the session's", (t) => {
  for (const maxVersion of [1, 2] as const) {
    for (const [, password] of passwords) {
      const recorded = converse(
        dialler({ maxVersion, ...withPassword(password) }),
        acceptor(withPassword(password)),
      );
      const messages = [ascii("one"), ascii("two")].map((body) =>
        recorded.diallerSession!.outgoing.encode(5, body),
      );
      const accepting = acceptor(withPassword(password));
      accepting.start();
      const { session } = accepting.push(concat(...recorded.fromDialler, ...messages));
      t.is(hex(session!.incoming.next()!), `05${hex(ascii("one"))}`);
      t.is(hex(session!.incoming.next()!), `05${hex(ascii("two"))}`);
      t.is(session!.incoming.next(), undefined);
    }
  }
});

test("handshake: both back ends speak to each other", (t) => {
  if (sodiumBackend === undefined) return t.pass();
  const password = ascii("x");
  const conversation = converse(
    dialler({ password, backend: tweetnaclBackend }),
    acceptor({ password, backend: sodiumBackend }),
  );
  assertTalking(t, conversation);
});

test("handshake: a tap sees every part of both directions in plain", (t) => {
  for (const maxVersion of [1, 2] as const) {
    for (const [, password] of passwords) {
      const seen: (readonly [string, string])[] = [];
      const { fromDialler } = converse(
        dialler(withPassword(password)),
        acceptor({
          maxVersion,
          ...withPassword(password),
          tap: (direction, part, bytes) => seen.push([`${direction} ${part}`, hex(bytes)]),
        }),
      );
      const keys = maxVersion === 2 ? ["out key", "in key"] : [];
      t.deepEqual(
        seen.map(([part]) => part),
        ["out header", "in header", ...keys, "out features", "in features"],
      );
      // All but the features of version 2 are plain on the wire; those are opened and without their length.
      const heard = seen.filter(([part]) => part.startsWith("in ")).map(([, bytes]) => bytes);
      const wire = fromDialler.map(hex);
      t.deepEqual(heard.slice(0, -1), wire.slice(0, -1));
      t.is(heard.at(-1), maxVersion === 1 ? wire.at(-1) : hex(encodeFeatures(diallerFeatures)));
    }
  }
});

function assertWiped(t: ExecutionContext, session: Session): void {
  const key = session.sessionKey!;
  t.false(key.every((byte) => byte === 0));
  session.wipe();
  t.true(key.every((byte) => byte === 0));
  t.throws(() => session.outgoing.encode(4, ascii("x")), { code: "wiped" });
}

test("handshake: wiping a session overwrites its key and ends sealing and opening", (t) => {
  for (const maxVersion of [1, 2] as const) {
    const password = ascii("x");
    const { diallerSession, acceptorSession } = converse(
      dialler({ maxVersion, password }),
      acceptor({ password }),
    );
    const late = diallerSession!.outgoing.encode(4, ascii("x"));
    assertWiped(t, acceptorSession!);
    acceptorSession!.incoming.push(late);
    t.throws(() => acceptorSession!.incoming.next(), { code: "wiped" });
    acceptorSession!.wipe();
    // A key of its own on each side.
    t.notThrows(() => diallerSession!.outgoing.encode(4, ascii("x")));
  }
});

test("handshake: the random bytes are asked for only with a password, after the header", (t) => {
  let asked = 0;
  const randomBytes = (length: number) => {
    asked++;
    return pattern(length);
  };
  converse(dialler({ randomBytes }), acceptor());
  t.is(asked, 0);
  const handshake = dialler({ randomBytes, password: ascii("x") });
  handshake.start();
  t.is(asked, 0);
  handshake.push(unhex("77656176650102"));
  t.is(asked, 1);
});

test("handshake: a failing source of randomness ends it, and is told as it is", (t) => {
  const handshake = dialler({
    password: ascii("x"),
    randomBytes: () => {
      throw new Error("no entropy");
    },
  });
  handshake.start();
  t.throws(() => handshake.push(unhex("77656176650102")), { message: "no entropy" });
  t.is(handshake.phase, "failed");
});

test("handshake: used out of order it says so", (t) => {
  const refused = { instanceOf: HandshakeError, code: "out-of-order" };
  const handshake = dialler();
  t.throws(() => handshake.push(new Uint8Array(1)), refused);
  handshake.start();
  t.throws(() => handshake.start(), refused);
  t.throws(() => handshake.push(ascii("GET / HTTP/1.1")), { code: "header-not-recognised" });
  t.throws(() => handshake.push(new Uint8Array(1)), refused);
  t.throws(() => handshake.end(), refused);
  const done = dialler();
  converse(done, acceptor());
  t.throws(() => done.push(new Uint8Array(1)), refused);
});

for (const [minVersion, maxVersion] of [
  [1, 0],
  [1, 3],
  [2, 1],
  [-1, 2],
] as const) {
  test(`handshake: our own range [${minVersion},${maxVersion}] is refused`, (t) => {
    t.throws(() => dialler({ minVersion, maxVersion }), { instanceOf: RangeError });
  });
}

test("handshake: an empty list of passwords is refused", (t) => {
  t.throws(() => dialler({ password: [] }), { instanceOf: RangeError });
});
