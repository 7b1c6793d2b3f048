import * as gob from "../../../src/gob/index.ts";
import { PeerName } from "../../../src/peer-name.ts";
import { encodeBroadcast, encodeGossip, encodeUnicast, Tag } from "../../../src/wire/index.ts";
import { hex } from "./bytes.ts";
import type { Offender } from "./offender.ts";
import type { Row, Victim } from "./row.ts";

type Body = (offender: Offender, victim: Victim) => Uint8Array | readonly number[];

/** Joins honestly and then does this. */
export const joined =
  (
    act: (offender: Offender, victim: Victim) => Promise<void> | void,
    options: { maxVersion?: number; password?: Uint8Array } = {},
  ) =>
  async (offender: Offender, victim: Victim): Promise<void> => {
    await offender.join({}, options);
    await offender.greeted();
    await offender.settle();
    await act(offender, victim);
  };

/** Joins honestly and sends one message. */
export const say = (tag: number, body: Body, maxVersion = 2) =>
  joined((offender, victim) => offender.message(tag, Uint8Array.from(body(offender, victim))), {
    maxVersion,
  });

export const ours = (offender: Offender): PeerName => PeerName.parse(offender.name, offender.flavour);
export const string = (value: string): Uint8Array => gob.encode(gob.string, value);
const reset = "read tcp VICTIM->OFFENDER: read: connection reset by peer";

/** Offences of a neighbour against the framing of version 2. */
export const frameRows: readonly Row[] = [
  { title: "the end between two messages", offend: joined((offender) => offender.finish()), says: "EOF" },
  {
    title: "messages to be ignored, and then the end",
    offend: joined((offender) => {
      offender.bytes([0, 0, 0, 0]);
      offender.message(200);
      offender.message(Tag.heartbeat, Uint8Array.of(1, 2, 3));
      for (const tag of [Tag.reserved1, Tag.reserved2, Tag.reserved3, Tag.overlayControl])
        offender.message(tag);
      offender.finish();
    }),
    says: "EOF",
  },
  {
    title: "a frame above the limit",
    offend: joined((offender) => offender.bytes([0x00, 0xa0, 0x00, 0x01])),
    says: "incoming message exceeds maximum size: 10485761 > 10485760",
  },
  {
    title: "a frame of 4 GiB",
    offend: joined((offender) => offender.bytes([0xff, 0xff, 0xff, 0xff])),
    says: "incoming message exceeds maximum size: 4294967295 > 10485760",
  },
  {
    title: "the end in the length of a frame",
    offend: joined((offender) => {
      offender.bytes([0, 0]);
      offender.finish();
    }),
    says: "unexpected EOF",
  },
  {
    title: "the end after the length of a frame",
    offend: joined((offender) => {
      offender.bytes([0, 0, 1, 0]);
      offender.finish();
    }),
    says: "EOF",
  },
  {
    title: "the end in a frame",
    offend: joined((offender) => {
      offender.bytes([0, 0, 1, 0, 4]);
      offender.finish();
    }),
    says: "unexpected EOF",
  },
  {
    title: "a reset between two messages",
    offend: joined(async (offender) => {
      await offender.settle();
      offender.reset();
    }),
    says: reset,
  },
  {
    title: "a reset in a frame",
    offend: joined(async (offender) => {
      offender.bytes([0, 0, 1, 0, 4]);
      await offender.settle();
      offender.reset();
    }),
    says: reset,
  },
];

/** Offences of a neighbour against the gob stream that version 1 is. */
export const gobFrameRows: readonly Row[] = [
  {
    title: "the end between two messages",
    offend: joined((offender) => offender.finish(), { maxVersion: 1 }),
    says: "EOF",
  },
  {
    title: "an empty message, and then the end",
    offend: joined(
      (offender) => {
        offender.bytes(hex("03 0a 00 00"));
        offender.finish();
      },
      { maxVersion: 1 },
    ),
    says: "EOF",
  },
  {
    title: "the end in the length of a message",
    offend: joined(
      (offender) => {
        offender.bytes([0xfe, 1]);
        offender.finish();
      },
      { maxVersion: 1 },
    ),
    says: "unexpected EOF",
  },
  {
    title: "the end after the length of a message",
    offend: joined(
      (offender) => {
        offender.bytes([100]);
        offender.finish();
      },
      { maxVersion: 1 },
    ),
    says: "unexpected EOF",
  },
  {
    title: "the end in a message",
    offend: joined(
      (offender) => {
        offender.bytes([100, 0x0a, 0, 97, 4]);
        offender.finish();
      },
      { maxVersion: 1 },
    ),
    says: "unexpected EOF",
  },
  {
    title: "a reset in a message",
    offend: joined(
      async (offender) => {
        offender.bytes([100, 0x0a, 0, 97, 4]);
        await offender.settle();
        offender.reset();
      },
      { maxVersion: 1 },
    ),
    says: reset,
  },
  {
    title: "a message above the limit of gob",
    offend: joined((offender) => offender.bytes(hex("fb 02 00 00 00 01")), { maxVersion: 1 }),
    says: "invalid message length",
  },
];

/** Messages that do not open, on a sealed connection. */
export const sealedRows: readonly Row[] = [
  {
    title: "a message that does not open",
    offend: joined((offender) => offender.bytes([0, 0, 0, 20], new Array<number>(20).fill(1)), {
      password: Buffer.from("secret"),
    }),
    says: "Unable to decrypt TCP msg",
  },
  {
    title: "a message too short for a seal",
    offend: joined((offender) => offender.bytes([0, 0, 0, 0]), { password: Buffer.from("secret") }),
    says: "Unable to decrypt TCP msg",
  },
  {
    title: "a message sent twice",
    offend: joined(
      (offender) => {
        const frame = offender.frame(Tag.heartbeat, new Uint8Array(0));
        offender.bytes(frame);
        offender.bytes(frame);
      },
      { password: Buffer.from("secret") },
    ),
    says: "Unable to decrypt TCP msg",
  },
  {
    title: "a message that does not open, in version 1",
    offend: joined((offender) => offender.bytes(hex("07 0a 00 04 01 02 03 04")), {
      password: Buffer.from("secret"),
      maxVersion: 1,
    }),
    says: "Unable to decrypt TCP msg",
  },
];

const stranger = {
  mac: PeerName.parse("02:00:00:00:00:07"),
  hash: PeerName.parse("07".repeat(16), "hash"),
};

/** Offences of a neighbour that a gossiper answers with an error. */
export const gossiperRows: readonly Row[] = [
  {
    title: "a topology unicast",
    offend: say(Tag.unicast, (offender, { peer }) =>
      encodeUnicast(
        "topology",
        ours(offender),
        PeerName.parse(peer.name, offender.flavour),
        Uint8Array.of(1, 20),
      ),
    ),
    says: "unexpected topology gossip unicast: [1 20]",
  },
  {
    title: "an empty topology unicast",
    offend: say(Tag.unicast, (offender, { peer }) =>
      encodeUnicast(
        "topology",
        ours(offender),
        PeerName.parse(peer.name, offender.flavour),
        new Uint8Array(0),
      ),
    ),
    says: "unexpected topology gossip unicast: []",
  },
  ...(["unicast", "broadcast", "gossip"] as const).map((kind) => ({
    title: `a ${kind} that the application refuses`,
    offend: say(Tag[kind], (offender, { peer }) => {
      const payload = string("no count");
      if (kind === "unicast")
        return encodeUnicast("counter", ours(offender), PeerName.parse(peer.name, offender.flavour), payload);
      return kind === "gossip"
        ? encodeGossip("counter", ours(offender), payload)
        : encodeBroadcast("counter", ours(offender), payload);
    }),
    says: "gob: decoding into local type *map[mesh.PeerName]int, received remote type string",
    // The application's own error, thrown by what it decodes with.
    weSay: /^gob: /,
  })),
  {
    title: "a unicast to somebody unknown, malformed behind the destination, is no offence; the end is",
    offend: joined((offender) => {
      const [channel, source] = [string("counter"), nameValue(ours(offender))];
      offender.message(
        Tag.unicast,
        Buffer.concat([channel, source, nameValue(stranger[offender.flavour]), Buffer.from("?")]),
      );
      offender.finish();
    }),
    says: "EOF",
    also: /\[gossip counter\]: unknown relay destination: (02:00:00:00:00:07|(07){16})$/m,
  },
  {
    title: "gossip with bytes behind it is no offence; the end is",
    offend: joined((offender) => {
      const gossip = encodeGossip("nobody's", ours(offender), Uint8Array.of(1));
      offender.message(Tag.gossip, Buffer.concat([gossip, Buffer.from([1, 2, 3])]));
      offender.finish();
    }),
    says: "EOF",
    also: /\[gossip nobody's\]: created surrogate channel$/m,
  },
];

/** A peer name as a gob value. */
export function nameValue(name: PeerName): Uint8Array {
  return PeerName.flavourOf(name) === "mac" ? gob.encode(gob.uint64, PeerName.toUint(name)) : string(name);
}

/** Neighbours that fall silent, at once or in the middle of something. */
export const silentNeighbourRows: readonly Row[] = [
  {
    title: "silence for 60 s",
    offend: joined(() => {}),
    afterSeconds: 60,
    says: "read tcp VICTIM->OFFENDER: i/o timeout",
  },
  {
    title: "silence in a frame, for 60 s",
    offend: joined((offender) => offender.bytes([0, 0, 1, 0, 4])),
    afterSeconds: 60,
    says: "read tcp VICTIM->OFFENDER: i/o timeout",
  },
  {
    title: "a frame that comes too slowly to be whole within 60 s",
    offend: joined((offender) => {
      offender.bytes([0, 0, 1, 0]);
      const timer = setInterval(() => {
        if (offender.end === "open") offender.bytes([4]);
        else clearInterval(timer);
      }, 1000);
    }),
    afterSeconds: 60,
    says: "read tcp VICTIM->OFFENDER: i/o timeout",
  },
  {
    title: "silence in version 1, for 60 s",
    offend: joined(() => {}, { maxVersion: 1 }),
    afterSeconds: 60,
    says: "read tcp VICTIM->OFFENDER: i/o timeout",
  },
];
