import * as gob from "../../../src/gob/index.ts";
import { PeerName } from "../../../src/peer-name.ts";
import { encodeGossip, Tag } from "../../../src/wire/index.ts";
import { frame, header, hex, plain, text } from "./bytes.ts";
import type { Offender } from "./offender.ts";
import type { Row, Victim } from "./row.ts";
import { joined, nameValue, ours, say, string } from "./rows-messages.ts";

/** Values of every kind, as streams of their own with ids that nothing else uses. */
function values(): [title: string, stream: Uint8Array][] {
  const types = new gob.TypeTable({ first: 90 });
  const encode = <T>(schema: gob.Schema<T>, value: T) => gob.encode(schema, value, { types });
  const point = gob.struct("Point", { X: gob.int, Y: gob.int });
  const summary = (name: unknown) => gob.struct("peerSummary", { NameByte: name as gob.Schema<string> });
  return [
    ["a bool", encode(gob.bool, true)],
    ["an int", encode(gob.int, -7)],
    ["a uint", encode(gob.uint, 7)],
    ["a float", encode(gob.float64, 7.5)],
    ["a complex", encode(gob.complex128, { re: 1, im: 2 })],
    ["a string", encode(gob.string, "seven")],
    ["bytes", encode(gob.bytes, Uint8Array.of(7))],
    ["a map of ints", encode(gob.map(gob.string, gob.int), new Map([["seven", 7]]))],
    ["a map of maps", encode(gob.map(gob.string, gob.map(gob.string, gob.string)), new Map())],
    ["a list of ints", encode(gob.slice(gob.int), [7])],
    ["a list of structs", encode(gob.slice(point), [{ X: 7, Y: 7 }])],
    ["a list of lists", encode(gob.slice(gob.slice(gob.string)), [["7"]])],
    ["an array", encode(gob.array(gob.int, 3), [7, 7, 7])],
    ["a struct", encode(point, { X: 7, Y: 7 })],
    ["a struct whose name is a string", encode(summary(gob.string), { NameByte: "seven" })],
    ["a struct with no field in common", encode(gob.struct("peerSummary", { Other: gob.int }), { Other: 7 })],
  ];
}

/** Streams that no encoder writes. */
const corrupt: [title: string, stream: readonly number[]][] = [
  ["nothing", []],
  ["a length of more than 64 bits", hex("f6 01 02 03 04 05 06 07 08 09 0a")],
  ["a length beyond all memory", hex("f8 ff ff ff ff ff ff ff ff")],
  ["a length beyond the end", hex("7f 0c 00 01 41")],
  ["half a length", hex("fe 01")],
  ["an empty message", hex("00")],
  ["a message with an id only", hex("01 0c")],
  ["a string that begins otherwise", hex("04 0c 01 01 41")],
  ["a string with a byte too much", hex("05 0c 00 01 41 42")],
  ["a string that is too short", hex("04 0c 00 05 41")],
  ["a string of no count", hex("02 0c 00")],
  ["a string of 2^62 bytes", hex("0b 0c 00 f8 40 00 00 00 00 00 00 00")],
  ["bytes that are too short", hex("04 0a 00 05 41")],
  ["a uint of more than 64 bits", hex("0d 06 00 f6 01 02 03 04 05 06 07 08 09 0a")],
  ["type 0", hex("03 00 00 01")],
  ["a reserved type", hex("03 14 00 01")],
  ["a type that was never defined", hex("04 ff c8 00 01")],
  ["an id of more than 64 bits", hex("0b f6 01 02 03 04 05 06 07 08 09 0a")],
  ["a definition and no more", hex("0d ff b3 04 01 02 ff b4 00 01 0c 01 04 00")],
  ["a definition of nothing", hex("03 ff b3 00")],
  ["a definition of a basic type", hex("0c 0b 04 01 02 0c 00 01 0c 01 04 00")],
  ["a definition cut short", hex("05 ff b3 04 01 02")],
  ["a definition with an unknown field", hex("05 ff b3 09 01 00")],
  [
    "the same definition twice",
    hex("0d ff b3 04 01 02 ff b4 00 01 0c 01 04 00 0d ff b3 04 01 02 ff b4 00 01 0c 01 04 00 04 ff b4 00 00"),
  ],
  [
    "a map of undefined types",
    hex("0d ff b3 04 01 02 ff b4 00 01 ff c8 01 04 00 04 ff b4 00 00").slice(0, 20),
  ],
];

type Sender = (stream: readonly number[]) => Row["offend"];

/** The places where a gob stream stands, and what stands before it there. */
const places: Record<string, Sender> = {
  "features, version 2": (stream) => async (offender) => {
    for (const chunk of [header, plain, frame(stream)]) {
      offender.bytes(chunk);
      await offender.settle();
    }
    offender.finish();
  },
  "features, version 1": (stream) => async (offender) => {
    for (const chunk of [[...text("weave"), 1, 1], stream]) {
      offender.bytes(chunk);
      await offender.settle();
    }
    offender.finish();
  },
  "message of version 1": (stream) =>
    joined(
      async (offender) => {
        offender.bytes(stream);
        await offender.settle();
        offender.finish();
      },
      { maxVersion: 1 },
    ),
  channel: (stream) => last(() => [...stream]),
  source: (stream) => last(() => [...string("counter"), ...stream]),
  destination: (stream) =>
    last((offender) => [...string("counter"), ...nameValue(ours(offender)), ...stream], Tag.unicast),
  payload: (stream) => last((offender) => [...string("counter"), ...nameValue(ours(offender)), ...stream]),
  "payload of a unicast": (stream) =>
    last((offender, { peer }) => {
      const destination = nameValue(PeerName.parse(peer.name, offender.flavour));
      return [...string("counter"), ...nameValue(ours(offender)), ...destination, ...stream];
    }, Tag.unicast),
  "topology update": (stream) =>
    last((offender) => encodeGossip("topology", ours(offender), Uint8Array.from(stream))),
  "connections of a topology update": (stream) =>
    last((offender) =>
      encodeGossip("topology", ours(offender), Uint8Array.from([...summaryOf(offender), ...stream])),
    ),
};

const peerSummary = gob.struct("peerSummary", { NameByte: gob.bytes, NickName: gob.string, UID: gob.uint64 });

function summaryOf(offender: Offender): Uint8Array {
  const NameByte = PeerName.toBytes(ours(offender));
  const types = new gob.TypeTable({ first: 66 });
  return gob.encode(peerSummary, { NameByte, NickName: "offender", UID: 99n }, { types });
}

/** Sends it, and then, as it may be no offence, the end. */
function last(
  body: (offender: Offender, victim: Victim) => ArrayLike<number>,
  tag: number = Tag.gossip,
): Row["offend"] {
  return async (offender, victim) => {
    await say(tag, (...both) => Uint8Array.from(body(...both)))(offender, victim);
    await offender.settle();
    offender.finish();
  };
}

/** Every value and every corruption in every place where gob stands. */
export const gobRows: Record<string, readonly Row[]> = Object.fromEntries(
  Object.entries(places).map(([place, send]) => [
    place.replaceAll(/[ ,]+/g, "-"),
    [...values(), ...corrupt].map(([title, stream]) => ({
      title: `${place}: ${title}`,
      offend: send([...stream]),
      says: /./,
      // Bytes are what a payload is: then it is the application that takes offence, in words of its own.
      ...(place.startsWith("payload") && title === "bytes" ? { weSay: /^gob: / } : {}),
    })),
  ]),
);
