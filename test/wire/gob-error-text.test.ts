import test from "ava";
import * as gob from "../../src/gob/index.ts";
import { type GobTarget, goErrorText } from "../../src/wire/index.ts";
import { unhex } from "./bytes.ts";

const channel: GobTarget = { type: "string" };
const payload: GobTarget = { type: "[]uint8" };
const macName: GobTarget = { type: "mesh.PeerName", ourType: "uint64" };
const hashName: GobTarget = { type: "mesh.PeerName", ourType: "string" };
const features: GobTarget = { type: "map[string]string" };
const summary: GobTarget = { type: "mesh.peerSummary", struct: "peerSummary" };
const list: GobTarget = {
  type: "[]mesh.connectionSummary",
  ourType: "[]main.connectionSummary",
  struct: "connectionSummary",
};

const connections = gob.slice(gob.struct("connectionSummary", { NameByte: gob.bytes }));
const definition = "0dffb3040102ffb400010c010400";

// What a Go 1.26 peer logged when it was sent these bytes in this place.
const said: [title: string, schema: gob.Schema, target: GobTarget, hex: string, text: string][] = [
  [
    "a uint for a channel",
    gob.string,
    channel,
    "03060007",
    "gob: decoding into local type *string, received remote type uint",
  ],
  [
    "bytes for a channel",
    gob.string,
    channel,
    "040a000107",
    "gob: decoding into local type *string, received remote type bytes",
  ],
  [
    "a string for a name",
    gob.uint64,
    macName,
    "040c000141",
    "gob: decoding into local type *mesh.PeerName, received remote type string",
  ],
  [
    "a bool for a name",
    gob.string,
    hashName,
    "03020001",
    "gob: decoding into local type *mesh.PeerName, received remote type bool",
  ],
  [
    "a string for a payload",
    gob.bytes,
    payload,
    "040c000141",
    "gob: decoding into local type *[]uint8, received remote type string",
  ],
  [
    "a string for features",
    gob.map(gob.string, gob.string),
    features,
    "040c000141",
    "gob: decoding into local type *map[string]string, received remote type string",
  ],
  [
    "a string for a peer",
    gob.struct("peerSummary", { UID: gob.uint64 }),
    summary,
    "040c000141",
    "gob: type mismatch in decoder: want struct type mesh.peerSummary; got non-struct",
  ],
  [
    "a string for connections",
    connections,
    list,
    "040c000141",
    "gob: decoding into local type *[]mesh.connectionSummary, received remote type string",
  ],
  [
    "a reserved type",
    gob.string,
    channel,
    "03140001",
    "gob: decoding into local type *string, received remote type _reserved1",
  ],
  [
    "a type that was never defined",
    gob.string,
    channel,
    "04ffc80001",
    "gob: decoding into local type *string, received remote type unknown type",
  ],
  [
    "a peer of a type that was never defined",
    gob.struct("peerSummary", { UID: gob.uint64 }),
    summary,
    "04ffc80001",
    "gob: unknown type id or corrupted data",
  ],
  ["the same definition twice", gob.string, channel, definition + definition, "gob: duplicate type received"],
  [
    "a definition with an unknown field",
    gob.string,
    channel,
    "05ffb3090100",
    "gob: bad data: field numbers out of bounds",
  ],
  ["a definition of nothing", gob.string, channel, "03ffb300", "unexpected EOF"],
  ["an empty message", gob.string, channel, "00", "EOF"],
  ["a message with an id only", gob.string, channel, "010c", "EOF"],
  [
    "a string that begins otherwise",
    gob.string,
    channel,
    "040c010141",
    "gob: decode: corrupted data: non-zero delta for singleton",
  ],
  ["a string that is too short", gob.string, channel, "040c000541", "gob: bad string slice length: 0"],
  ["a name that is too short", gob.string, hashName, "040c000541", "gob: bad mesh.PeerName slice length: 0"],
  ["bytes that are too short", gob.bytes, payload, "040a000541", "gob: bad []uint8 slice length: 0"],
  [
    "a string of 2^62 bytes",
    gob.string,
    channel,
    "0b0c00f84000000000000000",
    "gob: bad string slice length: 0",
  ],
  ["a length beyond all memory", gob.string, channel, "f8ffffffffffffffff", "invalid message length"],
  [
    "a length of more than 64 bits",
    gob.string,
    channel,
    "f60102030405060708090a",
    "gob: encoded unsigned integer out of range",
  ],
];

for (const [title, schema, target, hex, text] of said) {
  test(`Go's words for gob errors: ${title}`, (t) => {
    const decoder = new gob.Decoder();
    decoder.push(unhex(hex));
    const error = t.throws(() => decoder.read(schema), { instanceOf: gob.GobError });
    t.is(goErrorText(error!, target), text);
  });
}

test("Go's words for gob errors: a map of other elements has no name", (t) => {
  const decoder = new gob.Decoder();
  decoder.push(gob.encode(gob.map(gob.string, gob.int), new Map([["seven", 7]])));
  const error = t.throws(() => decoder.read(gob.map(gob.string, gob.string)), { instanceOf: gob.GobError });
  t.is(
    goErrorText(error!, features),
    "gob: decoding into local type *map[string]string, received remote type ",
  );
});

test("Go's words for gob errors: a field of another type is named with its struct", (t) => {
  const decoder = new gob.Decoder();
  decoder.push(gob.encode(gob.struct("peerSummary", { NameByte: gob.string }), { NameByte: "seven" }));
  const schema = gob.struct("peerSummary", { NameByte: gob.bytes });
  const error = t.throws(() => decoder.read(schema), { instanceOf: gob.GobError });
  t.is(goErrorText(error!, summary), "gob: wrong type ([]uint8) for received field peerSummary.NameByte");
});
