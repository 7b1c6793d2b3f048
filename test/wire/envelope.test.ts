import test, { type ExecutionContext } from "ava";
import * as gob from "../../src/gob/index.ts";
import { type Flavour, PeerName } from "../../src/peer-name.ts";
import {
  EnvelopeError,
  EnvelopeReader,
  encodeBroadcast,
  encodeGossip,
  encodeUnicast,
} from "../../src/wire/index.ts";
import { concat, hex, pattern, unhex } from "./bytes.ts";

const names: Readonly<Record<Flavour, readonly PeerName[]>> = {
  mac: [
    "00:00:00:00:00:00",
    "00:00:00:00:00:7f",
    "00:00:00:00:00:80",
    "00:00:00:01:00:00",
    "7a:9f:eb:b6:0c:6e",
    "ff:ff:ff:ff:ff:ff",
  ].map((text) => PeerName.parse(text)),
  hash: ["", "0a", "9f86d081884c7d659a2feaa0c55ad015"].map((text) => PeerName.parse(text, "hash")),
};
const channels = ["", "default", "topology", "ü".repeat(70), "\udcff\udc80", "c".repeat(300)];
const payloads = [0, 1, 122, 123, 124, 125, 127, 128, 255, 256, 70_000].map(pattern);

/** The same message by the gob encoder. */
function general(
  channel: string,
  peers: readonly PeerName[],
  flavour: Flavour,
  payload: Uint8Array,
): Uint8Array {
  const name = (peer: PeerName) =>
    flavour === "mac" ? gob.encode(gob.uint64, PeerName.toUint(peer)) : gob.encode(gob.string, peer);
  return concat(gob.encode(gob.string, channel), ...peers.map(name), gob.encode(gob.bytes, payload));
}

for (const flavour of ["mac", "hash"] as const) {
  test(`envelope: what is built by hand is what the gob encoder makes (${flavour})`, (t) => {
    for (const channel of channels) {
      for (const source of names[flavour]) {
        for (const payload of payloads) {
          const expected = hex(general(channel, [source], flavour, payload));
          t.is(hex(encodeGossip(channel, source, payload)), expected);
          t.is(hex(encodeBroadcast(channel, source, payload)), expected);
        }
        for (const destination of names[flavour]) {
          const payload = payloads[3]!;
          const expected = general(channel, [source, destination], flavour, payload);
          t.is(hex(encodeUnicast(channel, source, destination, payload)), hex(expected));
        }
      }
    }
  });

  test(`envelope: is read back value by value (${flavour})`, (t) => {
    for (const channel of channels) {
      for (const source of names[flavour]) {
        for (const payload of payloads) {
          const destination = names[flavour][0]!;
          const body = encodeUnicast(channel, source, destination, payload);
          const reader = new EnvelopeReader(body, flavour);
          t.is(reader.channel(), channel);
          t.is(reader.peerName(), source);
          t.is(reader.peerName(), destination);
          t.is(hex(reader.payload()), hex(payload));
          t.is(reader.offset, body.length);
        }
      }
    }
  });
}

test("envelope: the bytes are those of the recorded unicast and topology gossip", (t) => {
  const one = PeerName.parse("::1");
  const two = PeerName.parse("::2");
  t.is(
    hex(encodeUnicast("default", two, one, Buffer.from("hello"))),
    "0a0c000764656661756c740306000203060001080a000568656c6c6f",
  );
  t.true(hex(encodeGossip("topology", one, pattern(3))).startsWith("0b0c0008746f706f6c6f677903060001"));
});

test("envelope: what is not asked for is not decoded", (t) => {
  const body = concat(
    encodeGossip("c", PeerName.parse("::1"), pattern(0)).subarray(0, -4),
    unhex("ff ff ff"),
  );
  const reader = new EnvelopeReader(body, "mac");
  t.is(reader.channel(), "c");
  t.is(reader.peerName(), PeerName.parse("::1"));
  t.throws(() => reader.payload(), { instanceOf: EnvelopeError });
});

test("envelope: bytes after the payload are allowed", (t) => {
  const body = concat(encodeGossip("c", PeerName.parse("::1"), pattern(5)), unhex("0102ff"));
  const reader = new EnvelopeReader(body, "mac");
  reader.channel();
  reader.peerName();
  t.is(hex(reader.payload()), hex(pattern(5)));
  t.is(body.length - reader.offset, 3);
});

test("envelope: the payload is a view of the message, with an offset inside a larger buffer too", (t) => {
  const home = concat(pattern(7), encodeGossip("c", PeerName.parse("::1"), pattern(5)));
  const reader = new EnvelopeReader(home.subarray(7), "mac");
  reader.channel();
  reader.peerName();
  const payload = reader.payload();
  t.is(payload.buffer, home.buffer);
  t.is(hex(payload), hex(pattern(5)));
});

test("envelope: values of other forms that Go accepts are read, too", (t) => {
  const one = PeerName.parse("::1");
  // Lengths with leading zeros, bytes after a value in its message, a type definition in between.
  const body = unhex(
    `fe0004 0c000163   05 06 00 01 ffff   0eff81040102ff8200010c010c0000   06 0a 00 fe0001 2a   0a`,
  );
  const reader = new EnvelopeReader(body, "mac");
  t.is(reader.channel(), "c");
  t.is(reader.peerName(), one);
  t.is(hex(reader.payload()), "2a");
  t.is(reader.offset, body.length - 1);
});

test("envelope: of a number wider than a name the low 48 bits count", (t) => {
  const reader = new EnvelopeReader(gob.encode(gob.uint64, 0xffff_0102_0304_0506n), "mac");
  t.is(reader.peerName(), "01:02:03:04:05:06" as PeerName);
});

test("envelope: any string is a name in the hash flavour, as in the original", (t) => {
  const reader = new EnvelopeReader(gob.encode(gob.string, "nobody"), "hash");
  t.is(reader.peerName(), "nobody" as PeerName);
});

function readAll(body: Uint8Array, flavour: Flavour): void {
  const reader = new EnvelopeReader(body, flavour);
  reader.channel();
  reader.peerName();
  reader.payload();
}

function refusal(t: ExecutionContext, body: Uint8Array, flavour: Flavour): EnvelopeError {
  return t.throws(() => readAll(body, flavour), { instanceOf: EnvelopeError })!;
}

for (const flavour of ["mac", "hash"] as const) {
  test(`envelope: every prefix is refused as truncated, in Go's words (${flavour})`, (t) => {
    const channel = gob.encode(gob.string, "default");
    const body = encodeGossip("default", names[flavour].at(-1)!, pattern(200));
    const payloadStart = body.length - gob.encode(gob.bytes, pattern(200)).length;
    for (let length = 0; length < body.length; length++) {
      const error = refusal(t, body.subarray(0, length), flavour);
      t.is(error.code, "truncated");
      const starts = [0, channel.length, payloadStart];
      t.is(error.message, starts.includes(length) ? "EOF" : "unexpected EOF");
      const field = length < channel.length ? "channel" : length < payloadStart ? "peer name" : "payload";
      t.is(error.field, field);
    }
  });
}

for (const [name, flavour, body, field] of [
  ["a number as channel", "mac", "03060001", "channel"],
  ["a channel of a type never defined", "mac", "03ff820000", "channel"],
  ["a channel longer than its message", "mac", "040c007f61", "channel"],
  ["random bytes", "mac", "5a9d0114c3ff0702aa", "channel"],
  ["a name of the other flavour", "mac", "040c000163 040c000161", "peer name"],
  ["a name of the other flavour", "hash", "040c000163 03060001", "peer name"],
  ["a number of nine bytes", "mac", "040c000163 0c0600f7010203040506070809", "peer name"],
  ["a string as payload", "mac", "040c000163 03060001 040c000161", "payload"],
] as const) {
  test(`envelope: ${name} is malformed (${flavour})`, (t) => {
    const error = refusal(t, concat(unhex(body), new Uint8Array(name === "random bytes" ? 100 : 0)), flavour);
    t.is(error.code, "malformed-envelope");
    t.is(error.field, field);
  });
}
