import test from "ava";
import * as gob from "../../src/gob/index.ts";
import { encodeFeatures, type Handshake, HandshakeError, maxHandshakeBytes } from "../../src/wire/index.ts";
import { ascii, concat, pattern, unhex } from "./bytes.ts";
import { acceptor, converse, dialler, diallerFeatures } from "./handshake-pair.ts";

const v1 = unhex("77656176650101");
const v2 = unhex("77656176650102");
const password = ascii("secret");

/** The features, padded by the nickname to a number of bytes; they take the same form in both versions. */
function featuresOf(length: number): Uint8Array {
  const padded = (bytes: number): Uint8Array =>
    encodeFeatures(new Map([...diallerFeatures, ["NickName", "n".repeat(bytes)]]));
  return padded(length - (padded(length).length - length));
}

function lengthPrefix(length: number): Uint8Array {
  return Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length);
}

function refusalOf(handshake: Handshake, received: Uint8Array): HandshakeError | undefined {
  handshake.start();
  try {
    handshake.push(received);
  } catch (error) {
    if (error instanceof HandshakeError) return error;
    throw error;
  }
  return undefined;
}

test("handshake limit: version 2 takes 256 KiB in all, and not a byte more", (t) => {
  const most = maxHandshakeBytes - 7 - 1 - 32 - 4;
  const done = acceptor();
  done.start();
  const features = featuresOf(most);
  t.is(features.length, most);
  t.truthy(done.push(concat(v2, unhex("00"), lengthPrefix(most), features)).session);
  const error = refusalOf(acceptor(), concat(v2, unhex("00"), lengthPrefix(most + 1)));
  t.is(error?.code, "frame-too-large");
  t.is(error?.message, `incoming message exceeds maximum size: ${most + 1} > ${most}`);
});

test("handshake limit: version 1 takes 256 KiB in all, and refuses more when the length is known", (t) => {
  const done = acceptor();
  done.start();
  t.truthy(done.push(concat(v1, featuresOf(maxHandshakeBytes - 7))).session);
  const tooLong = featuresOf(maxHandshakeBytes + 100);
  const definition = tooLong.subarray(0, 15);
  const error = refusalOf(acceptor(), concat(v1, definition, tooLong.subarray(15, 19)));
  t.is(error?.code, "frame-too-large");
  t.regex(error!.message, / > 262144$/);
});

test("handshake limit: version 1, type definitions take 4 KiB at most, before and after the features", (t) => {
  const definition = (id: number): Uint8Array => {
    const types = new gob.TypeTable({ first: id });
    const bytes = gob.encode(gob.struct("x".repeat(900), { A: gob.int }), { A: 0 }, { types });
    return bytes.subarray(0, bytes.length - 4);
  };
  const before = refusalOf(acceptor(), concat(v1, ...[65, 66, 67, 68, 69].map((id) => definition(id))));
  t.is(before?.code, "malformed-features");
  t.is(before?.message, "more than 4096 bytes of type definitions");

  const handshake = acceptor();
  handshake.start();
  const { session } = handshake.push(
    concat(v1, ...[66, 67].map((id) => definition(id)), encodeFeatures(diallerFeatures)),
  );
  for (const id of [68, 69]) session!.incoming.push(definition(id));
  t.is(session!.incoming.next(), undefined);
  session!.incoming.push(definition(70));
  t.throws(() => session!.incoming.next(), { message: "more than 4096 bytes of type definitions" });
});

test("handshake limit: memory follows the bytes received, not the length announced", (t) => {
  for (const start of [
    concat(v2, unhex("00"), lengthPrefix(250_000)),
    concat(v1, featuresOf(250_000).subarray(0, 20)),
  ]) {
    const handshake = acceptor();
    handshake.start();
    handshake.push(concat(start, pattern(1)));
    t.true(handshake.heldBytes < 8 * 1024, `${handshake.heldBytes}`);
    handshake.push(pattern(100_000));
    t.true(handshake.heldBytes >= 100_000);
    t.true(handshake.heldBytes < 300_000, `${handshake.heldBytes}`);
  }
});

test("handshake limit: chunks of one byte cost no more than their bytes", (t) => {
  const handshake = acceptor();
  handshake.start();
  handshake.push(concat(v2, unhex("00"), lengthPrefix(250_000)));
  for (let i = 0; i < 50_000; i++) handshake.push(Uint8Array.of(1));
  t.true(handshake.heldBytes < 2 * 50_000 + 8 * 1024, `${handshake.heldBytes}`);
});

test("handshake limit: a small view of a large buffer counts as the buffer while it is kept", (t) => {
  const handshake = acceptor({ password });
  handshake.start();
  const { session } = handshake.push(concat(v1, sealedV1Features()));
  const before = session!.heldBytes;
  const slab = new Uint8Array(64 * 1024);
  slab[0] = 0xfe; // the first of two more bytes with a length: the chunk waits as it is
  session!.incoming.push(slab.subarray(0, 1));
  t.false(session!.prove());
  t.true(session!.heldBytes - before >= 64 * 1024);
});

/** What a dialler with a password sends after the header of version 1. */
function sealedV1Features(): Uint8Array {
  const features = new Map([...diallerFeatures, ["PublicKey", "07".repeat(32)]]);
  return encodeFeatures(features);
}

test("handshake limit: the features of version 1 and their definitions count after the handshake, too", (t) => {
  const handshake = acceptor({ password });
  handshake.start();
  const features = new Map([
    ...diallerFeatures,
    ["PublicKey", "07".repeat(32)],
    ["NickName", "n".repeat(100_000)],
  ]);
  const { session } = handshake.push(concat(v1, encodeFeatures(features)));
  t.true(session!.heldBytes > 300_000);
});

for (const passwords of [password, [ascii("other"), password]]) {
  const several = Array.isArray(passwords);
  test(`handshake limit: version 1, a first message of 9 MiB passes ${several ? "several passwords" : "one password"}`, (t) => {
    const dialling = dialler({ maxVersion: 1, password });
    const accepting = acceptor({ password: passwords });
    const write = accepting.push.bind(accepting);
    const header = accepting.start();
    let toDialler = [header, ...write(dialling.start()).write];
    const toAcceptor: Uint8Array[] = [];
    let session = undefined as ReturnType<Handshake["push"]>["session"];
    for (const bytes of toDialler) {
      const result = dialling.push(bytes);
      toAcceptor.push(...result.write);
      session ??= result.session;
    }
    toDialler = [];
    let accepted = undefined as typeof session;
    for (const bytes of toAcceptor) accepted ??= write(bytes).session;
    const message = concat(Uint8Array.of(4), pattern(9 * 2 ** 20));
    const sent = session!.outgoing.encodeMessage(message);
    for (let at = 0; at < sent.length; at += 65_536) {
      const chunk = sent.slice(at, at + 65_536);
      if (accepted === undefined) accepted = write(chunk).session;
      else accepted.incoming.push(chunk);
    }
    t.true(accepted!.prove());
    t.is(Buffer.compare(accepted!.incoming.next()!, message), 0);
  });
}

test("session: version 2 is proved by its features, version 1 by the first message, plain needs no proof", (t) => {
  for (const [maxVersion, options, proved] of [
    [1, {}, true],
    [2, {}, true],
    [1, { password }, false],
    [2, { password }, true],
  ] as const) {
    const { acceptorSession, diallerSession } = converse(
      dialler({ maxVersion, ...options }),
      acceptor(options),
    );
    t.is(acceptorSession!.proved, proved);
    t.is(acceptorSession!.prove(), proved);
    acceptorSession!.incoming.push(diallerSession!.outgoing.encode(0, new Uint8Array(0)));
    t.true(acceptorSession!.prove());
    t.true(acceptorSession!.proved);
    t.deepEqual(acceptorSession!.incoming.next(), Uint8Array.of(0));
    t.is(acceptorSession!.incoming.next(), undefined);
  }
});

test("session: a message that does not open proves nothing and ends the session", (t) => {
  const { acceptorSession } = converse(
    dialler({ maxVersion: 1, password }),
    acceptor({ password: ascii("another") }),
  );
  const { diallerSession } = converse(dialler({ maxVersion: 1, password }), acceptor({ password }));
  acceptorSession!.incoming.push(diallerSession!.outgoing.encode(0, new Uint8Array(0)));
  t.throws(() => acceptorSession!.prove(), { code: "cannot-decrypt" });
  t.false(acceptorSession!.proved);
});
