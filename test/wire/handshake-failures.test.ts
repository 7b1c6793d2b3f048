import test, { type ExecutionContext } from "ava";
import * as gob from "../../src/gob/index.ts";
import {
  encodeFeatures,
  type Handshake,
  HandshakeError,
  type HandshakeOptions,
  maxFrameBytes,
} from "../../src/wire/index.ts";
import { ascii, concat, cuts, hex, pattern, unhex } from "./bytes.ts";
import { acceptor, converse, dialler, diallerFeatures } from "./handshake-pair.ts";

const v1 = "77656176650101";
const v2 = "77656176650102";
const password = ascii("secret");
const plainFeatures = encodeFeatures(diallerFeatures);

function frame(body: Uint8Array): Uint8Array {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(body.length);
  return concat(prefix, body);
}

function sealedFeatures(maxVersion: number): Uint8Array {
  return concat(
    ...converse(dialler({ maxVersion, password: ascii("other") }), acceptor({ password: ascii("other") }))
      .fromDialler,
  );
}

function v1Features(publicKey?: string): Uint8Array {
  const features = new Map([["Name", "00:00:00:00:00:01"]]);
  if (publicKey !== undefined) features.set("PublicKey", publicKey);
  return encodeFeatures(features);
}

/** What the accepting side receives, and how it ends. `write`: how many writes the error still holds if all came at once. */
interface Failure {
  readonly name: string;
  readonly options?: Partial<HandshakeOptions>;
  readonly received: Uint8Array;
  readonly code: string;
  readonly phase: "header" | "key" | "features";
  readonly message: string;
  readonly write: number;
}

const failures: readonly Failure[] = [
  {
    name: "another protocol",
    received: ascii("SSH-2.0-x"),
    code: "header-not-recognised",
    phase: "header",
    message: "remote protocol header not recognised: [83 83 72 45 50]",
    write: 0,
  },
  {
    name: "no common version",
    options: { minVersion: 2 },
    received: unhex(v1),
    code: "version-incompatible",
    phase: "header",
    message: "remote version range [1,1] is incompatible with ours [2,2]",
    write: 0,
  },
  {
    name: "version 2, they have no password",
    options: { password },
    received: unhex(`${v2}00`),
    code: "encryption-expected",
    phase: "key",
    message: "password specified, but peer requested an unencrypted connection",
    write: 1,
  },
  {
    name: "version 2, they have a password",
    received: unhex(`${v2}01`),
    code: "encryption-unexpected",
    phase: "key",
    message: "no password specificed, but peer requested an encrypted connection",
    write: 1,
  },
  {
    name: "version 1, they have no password",
    options: { password },
    received: concat(unhex(v1), v1Features()),
    code: "encryption-expected",
    phase: "features",
    message: "password specified, but peer requested an unencrypted connection",
    write: 1,
  },
  {
    name: "version 1, they have a password",
    received: concat(unhex(v1), v1Features("00".repeat(32))),
    code: "encryption-unexpected",
    phase: "features",
    message: "no password specificed, but peer requested an encrypted connection",
    write: 1,
  },
  ...[2, 65, 255].map(
    (flag): Failure => ({
      name: `encryption flag ${flag}`,
      received: concat(unhex(v2), Uint8Array.of(flag)),
      code: "bad-encryption-flag",
      phase: "key",
      message: `Bad encryption flag ${flag}`,
      write: 1,
    }),
  ),
  {
    name: "version 2, another password",
    options: { password },
    received: sealedFeatures(2),
    code: "cannot-decrypt",
    phase: "features",
    message: "Unable to decrypt TCP msg",
    write: 2,
  },
  {
    name: "version 2, features over the limit",
    received: concat(unhex(`${v2}00`), unhex("00a00001")),
    code: "frame-too-large",
    phase: "features",
    message: "incoming message exceeds maximum size: 10485761 > 10485760",
    write: 2,
  },
  {
    name: "version 2, an empty features frame",
    received: concat(unhex(`${v2}00`), frame(new Uint8Array(0))),
    code: "malformed-features",
    phase: "features",
    message: "EOF",
    write: 2,
  },
  {
    name: "version 2, features cut short",
    received: concat(unhex(`${v2}00`), frame(plainFeatures.subarray(0, 40))),
    code: "malformed-features",
    phase: "features",
    message: "unexpected EOF",
    write: 2,
  },
  {
    name: "version 1, a public key that is no hex",
    options: { password },
    received: concat(unhex(v1), v1Features("00zz")),
    code: "bad-public-key",
    phase: "features",
    message: "encoding/hex: invalid byte: U+007A 'z'",
    write: 1,
  },
  {
    name: "version 1, a public key of odd length",
    options: { password },
    received: concat(unhex(v1), v1Features("000")),
    code: "bad-public-key",
    phase: "features",
    message: "encoding/hex: odd length hex string",
    write: 1,
  },
];

function run(handshake: Handshake, chunks: readonly Uint8Array[]): HandshakeError | undefined {
  handshake.start();
  for (const chunk of chunks) {
    try {
      handshake.push(chunk);
    } catch (error) {
      return error as HandshakeError;
    }
  }
  return undefined;
}

for (const { name, options, received, code, phase, message, write } of failures) {
  for (const [cutName, cut] of cuts) {
    test(`handshake failure: ${name}, received ${cutName}`, (t) => {
      const handshake = acceptor(options);
      const error = run(handshake, cut(received));
      t.true(error instanceof HandshakeError);
      t.is(error?.code, code as never);
      t.is(error?.phase, phase);
      t.is(error?.message, message);
      if (cutName === "whole") t.is(error?.write.length, write);
      t.is(handshake.phase, "failed");
    });
  }
}

function malformed(t: ExecutionContext, received: Uint8Array): void {
  const error = run(acceptor(), [received]);
  t.is(error?.code, "malformed-features");
  t.is(error?.phase, "features");
}

test("handshake failure: features that are no gob map of strings, in both versions", (t) => {
  for (const body of [
    gob.encode(gob.string, "features"),
    gob.encode(gob.bytes, pattern(20)),
    unhex("04ff8200 00"),
    concat(Uint8Array.of(80), pattern(90)),
  ]) {
    malformed(t, concat(unhex(`${v2}00`), frame(body)));
    malformed(t, concat(unhex(v1), body));
  }
});

/** A gob type definition that is `padding` bytes longer than it need be, by its name. */
function longDefinition(id: number, padding: number): Uint8Array {
  const types = new gob.TypeTable({ first: id });
  const bytes = gob.encode(gob.struct("x".repeat(padding), { A: gob.int }), { A: 0 }, { types });
  return bytes.subarray(0, bytes.length - 4);
}

test("handshake failure: version 1, type definitions without end", (t) => {
  const handshake = acceptor();
  handshake.start();
  handshake.push(unhex(v1));
  const error = t.throws(
    () => {
      for (let id = 65; id < 80; id++) handshake.push(longDefinition(id, 1000));
    },
    { instanceOf: HandshakeError },
  );
  t.is(error.code, "malformed-features");
});

test("handshake failure: our own features over the limit", (t) => {
  const features = new Map([["Overlay", "x".repeat(maxFrameBytes)]]);
  const error = run(acceptor({ features }), [unhex(`${v2}00`)]);
  t.is(error?.code, "frame-too-large");
  t.regex(error!.message, /^outgoing message exceeds maximum size: \d+ > 10485760$/);
});

test("handshake failure: the writes of the error are what the original has under way", (t) => {
  const error = run(acceptor({ password }), [unhex(`${v2}00`)]);
  t.is(error?.write.length, 1);
  t.is(error?.write[0]?.length, 33);
});

test("handshake: the length of a version 1 public key is not checked", (t) => {
  for (const publicKey of ["", "0900", "11".repeat(40)]) {
    const handshake = acceptor({ password });
    handshake.start();
    const { session } = handshake.push(concat(unhex(v1), v1Features(publicKey)));
    t.is(session?.sessionKey?.length, 32);
    t.false(session?.features.has("PublicKey"));
  }
});

function ended(
  t: ExecutionContext,
  handshake: Handshake,
  received: Uint8Array,
  cause?: Error,
): HandshakeError {
  handshake.start();
  handshake.push(received);
  const error = t.throws(() => handshake.end(cause), { instanceOf: HandshakeError })!;
  t.is(handshake.phase, "failed");
  return error;
}

test("handshake end: in the header every length has the original's text", (t) => {
  const texts = [
    "failed to receive remote protocol header: EOF",
    "received incomplete remote protocol header (1 octets instead of 7): [119]; error: unexpected EOF",
    "received incomplete remote protocol header (2 octets instead of 7): [119 101]; error: unexpected EOF",
    "received incomplete remote protocol header (3 octets instead of 7): [119 101 97]; error: unexpected EOF",
    "received incomplete remote protocol header (4 octets instead of 7): [119 101 97 118]; error: unexpected EOF",
    "received incomplete remote protocol header (5 octets instead of 7): [119 101 97 118 101]; error: unexpected EOF",
    "received incomplete remote protocol header (6 octets instead of 7): [119 101 97 118 101 1]; error: unexpected EOF",
  ];
  for (const [length, text] of texts.entries()) {
    const error = ended(t, acceptor(), unhex(v2).subarray(0, length));
    t.is(error.code, length === 0 ? "header-missing" : "header-incomplete");
    t.is(error.message, text);
    t.is(error.phase, "header");
  }
});

test("handshake end: a failed read keeps its own text, as in Go", (t) => {
  const timeout = new Error("read tcp 127.0.0.1:6783->127.0.0.2:40000: i/o timeout");
  const silent = ended(t, acceptor(), new Uint8Array(0), timeout);
  t.is(silent.message, `failed to receive remote protocol header: ${timeout.message}`);
  t.is(silent.cause, timeout);
  const cut = ended(t, acceptor(), unhex("77"), timeout);
  t.is(
    cut.message,
    `received incomplete remote protocol header (1 octets instead of 7): [119]; error: ${timeout.message}`,
  );
  const later = ended(t, acceptor(), unhex(v2), timeout);
  t.is(later.code, "connection-lost");
  t.is(later.phase, "key");
  t.is(later.message, timeout.message);
});

for (const [name, options, received, phase, text] of [
  ["version 2, before the flag", {}, v2, "key", "EOF"],
  ["version 2, right after the flag", { password }, `${v2}01`, "key", "EOF"],
  ["version 2, inside the key", { password }, `${v2}0101`, "key", "unexpected EOF"],
  ["version 2, before the features", {}, `${v2}00`, "features", "EOF"],
  ["version 2, inside their length", {}, `${v2}000000`, "features", "unexpected EOF"],
  ["version 2, right after their length", {}, `${v2}0000000005`, "features", "EOF"],
  ["version 2, inside their frame", {}, `${v2}000000000500`, "features", "unexpected EOF"],
  ["version 1, before the features", {}, v1, "features", "EOF"],
  ["version 1, inside a definition", {}, `${v1}0eff81`, "features", "unexpected EOF"],
  [
    "version 1, between definition and value",
    {},
    `${v1}0eff81040102ff8200010c010c0000`,
    "features",
    "unexpected EOF",
  ],
] as const) {
  test(`handshake end: ${name}: ${text}`, (t) => {
    const error = ended(t, acceptor(options), unhex(received));
    t.is(error.code, "connection-lost");
    t.is(error.phase, phase);
    t.is(error.message, text);
  });
}

test("handshake end: every prefix of a dialler's bytes waits or is done, and an end in it is told", (t) => {
  for (const maxVersion of [1, 2] as const) {
    for (const options of [{}, { password }]) {
      const bytes = concat(...converse(dialler({ maxVersion, ...options }), acceptor(options)).fromDialler);
      for (let length = 0; length < bytes.length; length++) {
        const handshake = acceptor(options);
        const error = ended(t, handshake, bytes.subarray(0, length));
        t.true(["header-missing", "header-incomplete", "connection-lost"].includes(error.code), hex(bytes));
      }
    }
  }
});
