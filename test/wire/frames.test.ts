import test, { type ExecutionContext } from "ava";
import * as gob from "../../src/gob/index.ts";
import { ByteQueue } from "../../src/wire/byte-queue.ts";
import { GobFrameReader, GobFrameWriter } from "../../src/wire/gob-frames.ts";
import {
  FrameError,
  type FrameReader,
  type FrameWriter,
  maxFrameBytes,
  maxFrameBytesV1,
  type SealingBackend,
  sodiumBackend,
  Tag,
  tweetnaclBackend,
} from "../../src/wire/index.ts";
import {
  LengthPrefixedFrameReader,
  LengthPrefixedFrameWriter,
} from "../../src/wire/length-prefixed-frames.ts";
import { MessageOpener, MessageSealer } from "../../src/wire/message-number.ts";
import { ascii, concat, cuts, hex, pattern, unhex } from "./bytes.ts";

const key = () => pattern(32);

interface Mode {
  readonly name: string;
  readonly writer: () => FrameWriter;
  readonly reader: () => FrameReader;
}

function modes(version: 1 | 2, backend?: SealingBackend): Mode {
  const sealer = () => (backend === undefined ? undefined : new MessageSealer(key(), true, backend));
  const opener = () => (backend === undefined ? undefined : new MessageOpener([key()], true, backend));
  return {
    name: `version ${version}, ${backend === undefined ? "plain" : `sealed with ${backend.name}`}`,
    writer: () => (version === 1 ? new GobFrameWriter(sealer()) : new LengthPrefixedFrameWriter(sealer())),
    reader: () =>
      version === 1
        ? new GobFrameReader(new ByteQueue(), new gob.Decoder(), opener())
        : new LengthPrefixedFrameReader(new ByteQueue(), opener()),
  };
}

const sealing = sodiumBackend === undefined ? [tweetnaclBackend] : [tweetnaclBackend, sodiumBackend];
const all = ([1, 2] as const).flatMap((version) => [
  modes(version),
  ...sealing.map((backend) => modes(version, backend)),
]);

/** Messages around the sizes where the form of a length changes, an empty one among them. */
const messages: readonly (readonly [tag: number, body: Uint8Array])[] = [
  [Tag.heartbeat, new Uint8Array(0)],
  ...[
    1, 105, 106, 107, 108, 110, 111, 122, 123, 124, 125, 126, 127, 128, 235, 236, 255, 256, 300, 70_000,
  ].map((length) => [Tag.unicast, pattern(length)] as const),
  [255, ascii("unknown tag")],
];

function drain(reader: FrameReader): Uint8Array[] {
  const taken: Uint8Array[] = [];
  for (let message = reader.next(); message !== undefined; message = reader.next()) taken.push(message);
  return taken;
}

for (const { name, writer, reader } of all) {
  for (const [cutName, cut] of cuts) {
    test(`frames: messages come back when received ${cutName} (${name})`, (t) => {
      const outgoing = writer();
      const incoming = reader();
      const taken: Uint8Array[] = [];
      const wire = concat(...messages.map(([tag, body]) => outgoing.encode(tag, body)));
      for (const chunk of cut(wire)) {
        incoming.push(chunk);
        taken.push(...drain(incoming));
      }
      t.deepEqual(
        taken.map(hex),
        messages.map(([tag, body]) => hex(concat(Uint8Array.of(tag), body))),
      );
      t.is(incoming.end(), undefined);
      t.is(incoming.bufferedBytes, 0);
    });
  }

  test(`frames: every prefix gives the whole messages before it, and an end inside one is told (${name})`, (t) => {
    const outgoing = writer();
    const frames = [
      outgoing.encode(4, pattern(3)),
      outgoing.encode(5, pattern(300)),
      outgoing.encode(0, pattern(0)),
    ];
    const wire = concat(...frames);
    const ends = frames.map((_, i) => concat(...frames.slice(0, i + 1)).length);
    for (let length = 0; length <= wire.length; length++) {
      const incoming = reader();
      incoming.push(wire.subarray(0, length));
      t.is(drain(incoming).length, ends.filter((end) => end <= length).length);
      const error = incoming.end();
      if (length === 0 || ends.includes(length)) t.is(error, undefined);
      else t.is(error?.code, "truncated");
    }
  });

  test(`frames: a message without a tag of ours, or with nothing in it, passes (${name})`, (t) => {
    const outgoing = writer();
    const incoming = reader();
    incoming.push(outgoing.encodeMessage(new Uint8Array(0)));
    incoming.push(outgoing.encodeMessage(ascii("features")));
    t.deepEqual(drain(incoming).map(hex), ["", hex(ascii("features"))]);
  });

  test(`frames: the writer's bytes are independent of the body afterwards (${name})`, (t) => {
    const outgoing = writer();
    const incoming = reader();
    const body = pattern(50);
    const frame = outgoing.encode(6, body);
    body.fill(0);
    incoming.push(frame);
    t.is(hex(drain(incoming)[0]!), `06${hex(pattern(50))}`);
  });
}

test("frames: version 2 is the length in four bytes, tag and body", (t) => {
  t.is(hex(new LengthPrefixedFrameWriter().encode(Tag.unicast, unhex("0102"))), "00000003050102");
  const incoming = new LengthPrefixedFrameReader(new ByteQueue());
  incoming.push(unhex("00000000 00000001 00"));
  t.deepEqual(drain(incoming).map(hex), ["", "00"]);
});

test("frames: version 1 is the gob of a []byte", (t) => {
  for (const length of [0, 1, 122, 123, 124, 125, 126, 127, 128, 250, 251, 255, 256, 65_535, 65_536]) {
    const message = pattern(length);
    t.is(hex(new GobFrameWriter().encodeMessage(message)), hex(gob.encode(gob.bytes, message)));
  }
});

test("frames: a plain message of one chunk is a view of that chunk", (t) => {
  const incoming = new LengthPrefixedFrameReader(new ByteQueue());
  const chunk = new LengthPrefixedFrameWriter().encode(4, pattern(9));
  incoming.push(chunk);
  t.is(incoming.next()!.buffer, chunk.buffer);
});

function refusal(t: ExecutionContext, action: () => unknown): FrameError {
  return t.throws(action, { instanceOf: FrameError })!;
}

for (const sealed of [false, true]) {
  const limit = sealed ? maxFrameBytes - 16 : maxFrameBytes;
  const opened = sealed ? " with its seal" : "";
  test(`frames: an outgoing message over 10 MiB${opened} is refused and the connection goes on`, (t) => {
    const backend = sealing.at(-1)!;
    const outgoing = new LengthPrefixedFrameWriter(
      sealed ? new MessageSealer(key(), true, backend) : undefined,
    );
    const incoming = new LengthPrefixedFrameReader(
      new ByteQueue(),
      sealed ? new MessageOpener([key()], true, backend) : undefined,
    );
    const body = new Uint8Array(limit);
    const error = refusal(t, () => outgoing.encode(6, body));
    t.is(error.code, "frame-too-large");
    t.is(error.message, "outgoing message exceeds maximum size: 10485761 > 10485760");
    t.is(error.size, 10_485_761);
    t.is(error.limit, 10_485_760);
    // The message number was not used up: the largest message that fits is still message 0.
    incoming.push(outgoing.encode(6, body.subarray(1)));
    t.is(incoming.next()!.length, limit);
  });
}

test("frames: an incoming frame over 10 MiB is refused as soon as its length is known, and again", (t) => {
  const incoming = new LengthPrefixedFrameReader(new ByteQueue());
  incoming.push(unhex("00a00001"));
  const error = refusal(t, () => incoming.next());
  t.is(error.code, "frame-too-large");
  t.is(error.message, "incoming message exceeds maximum size: 10485761 > 10485760");
  incoming.push(new Uint8Array(100));
  t.is(
    refusal(t, () => incoming.next()),
    error,
  );
  t.is(incoming.end(), error);
});

test("frames: a length of 4 GiB less one is refused, not taken for a negative one", (t) => {
  const incoming = new LengthPrefixedFrameReader(new ByteQueue());
  incoming.push(unhex("ffffffff"));
  t.is(
    refusal(t, () => incoming.next()).message,
    "incoming message exceeds maximum size: 4294967295 > 10485760",
  );
});

test("frames: version 1 is bounded both ways", (t) => {
  const outgoing = refusal(t, () => new GobFrameWriter().encode(4, new Uint8Array(maxFrameBytesV1)));
  t.is(outgoing.message, "outgoing message exceeds maximum size: 67108865 > 67108864");
  const incoming = new GobFrameReader(new ByteQueue(), new gob.Decoder());
  incoming.push(unhex("fb 0400 0000 0c"));
  t.is(refusal(t, () => incoming.next()).message, "invalid message length");
});

test("frames: a sealed message that was changed, repeated or cut does not open", (t) => {
  for (const spoil of [
    (frame: Uint8Array) => frame.fill(frame.at(-1)! ^ 1, -1),
    (frame: Uint8Array) => concat(unhex("0000000f"), frame.subarray(4, 19)),
    () => unhex("00000000"),
  ]) {
    const outgoing = new LengthPrefixedFrameWriter(new MessageSealer(key(), true, tweetnaclBackend));
    const incoming = new LengthPrefixedFrameReader(
      new ByteQueue(),
      new MessageOpener([key()], true, tweetnaclBackend),
    );
    incoming.push(outgoing.encode(4, pattern(20)));
    t.truthy(incoming.next());
    incoming.push(spoil(outgoing.encode(4, pattern(20))));
    const error = refusal(t, () => incoming.next());
    t.is(error.code, "cannot-decrypt");
    t.is(error.message, "Unable to decrypt TCP msg");
  }
});

test("frames: what the dialler sealed does not open as the acceptor's", (t) => {
  const frame = new LengthPrefixedFrameWriter(new MessageSealer(key(), true, tweetnaclBackend)).encode(
    4,
    pattern(3),
  );
  const incoming = new LengthPrefixedFrameReader(
    new ByteQueue(),
    new MessageOpener([key()], false, tweetnaclBackend),
  );
  incoming.push(frame);
  t.is(refusal(t, () => incoming.next()).code, "cannot-decrypt");
});

test("frames: the message number carries over byte after byte", (t) => {
  const outgoing = new LengthPrefixedFrameWriter(new MessageSealer(key(), true, tweetnaclBackend));
  const incoming = new LengthPrefixedFrameReader(
    new ByteQueue(),
    new MessageOpener([key()], true, tweetnaclBackend),
  );
  for (let i = 0; i < 600; i++) incoming.push(outgoing.encode(0, new Uint8Array(0)));
  t.is(drain(incoming).length, 600);
});

for (const [name, bytes, text] of [
  ["inside the length", "0000", "unexpected EOF"],
  ["right after the length, as in Go", "00000005", "EOF"],
  ["inside the body", "0000000504", "unexpected EOF"],
] as const) {
  test(`frames: the text of an end ${name} is ${text}`, (t) => {
    const incoming = new LengthPrefixedFrameReader(new ByteQueue());
    incoming.push(unhex(bytes));
    t.is(incoming.next(), undefined);
    t.is(incoming.end()?.message, text);
  });
}

test("frames: version 1 passes over type definitions and bytes after a value, as Go does", (t) => {
  const incoming = new GobFrameReader(new ByteQueue(), new gob.Decoder());
  incoming.push(unhex("0eff81040102ff8200010c010c0000"));
  t.is(incoming.next(), undefined);
  t.is(incoming.end()?.message, "unexpected EOF");
  incoming.push(unhex("050a000201 02 070a000203 04 ffff".replaceAll(" ", "")));
  t.deepEqual(drain(incoming).map(hex), ["0102", "0304"]);
  t.is(incoming.end(), undefined);
});

test("frames: version 1 refuses type definitions without end", (t) => {
  const incoming = new GobFrameReader(new ByteQueue(), new gob.Decoder());
  const error = refusal(t, () => {
    for (let id = 65; id < 80; id++) {
      const types = new gob.TypeTable({ first: id });
      const bytes = gob.encode(gob.struct("x".repeat(10_000), { A: gob.int }), { A: 0 }, { types });
      incoming.push(bytes.subarray(0, bytes.length - 4));
      t.is(incoming.next(), undefined);
    }
  });
  t.is(error.code, "malformed-frame");
});

for (const [name, bytes] of [
  ["a string", "040c000161"],
  ["an integer", "03060005"],
  ["a value of a type never defined", "03ff820000"],
  ["a count beyond the message", "040a007f01"],
  ["an empty message", "00"],
  ["a length of nine bytes", "f7000000000000000001"],
] as const) {
  test(`frames: version 1 refuses ${name}`, (t) => {
    const incoming = new GobFrameReader(new ByteQueue(), new gob.Decoder());
    incoming.push(unhex(bytes));
    const error = refusal(t, () => incoming.next());
    t.is(error.code, "malformed-frame");
    t.is(
      refusal(t, () => incoming.next()),
      error,
    );
  });
}

test("frames: a wiped sealer and opener work no more", (t) => {
  const sealer = new MessageSealer(key(), true, tweetnaclBackend);
  const opener = new MessageOpener([key()], true, tweetnaclBackend);
  const frame = new LengthPrefixedFrameWriter(sealer).encode(4, pattern(3));
  sealer.wipe();
  opener.wipe();
  t.is(refusal(t, () => new LengthPrefixedFrameWriter(sealer).encode(4, pattern(3))).code, "wiped");
  const incoming = new LengthPrefixedFrameReader(new ByteQueue(), opener);
  incoming.push(frame);
  t.is(refusal(t, () => incoming.next()).code, "wiped");
});
