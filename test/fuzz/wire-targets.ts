import { type Flavour, PeerName } from "../../src/peer-name.ts";
import { encodeUpdate, TopologyError } from "../../src/topology/index.ts";
import {
  describeFeatures,
  describeMessage,
  EnvelopeError,
  EnvelopeReader,
  encodeDescribed,
  encodeUnicast,
  FrameError,
  type Handshake,
  HandshakeError,
  parseFeatures,
} from "../../src/wire/index.ts";
import { description, meshOf, nameOf } from "../topology/fixtures.ts";
import { ascii, concat, hex, pattern, unhex } from "../wire/bytes.ts";
import { acceptor, converse, dialler } from "../wire/handshake-pair.ts";

/** A target whose inputs are bytes without a structure that the mutator knows. */
export interface WireTarget {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  readonly check: (bytes: Uint8Array, origin: number) => string | undefined;
}

const typedErrors = [HandshakeError, FrameError, EnvelopeError, TopologyError];

/** Returns the problem where an action throws something that is not one of our typed errors. */
function expectTyped(action: () => unknown): string | undefined {
  try {
    const problem = action();
    return typeof problem === "string" ? problem : undefined;
  } catch (error) {
    if (typedErrors.some((type) => error instanceof type)) return undefined;
    return `threw ${error instanceof Error ? error.stack : String(error)}`;
  }
}

const secret = { password: ascii("secret") };
const name = nameOf(1);
const envelope = encodeUnicast("channel", name, nameOf(2), pattern(60));

/** Feeds an accepting handshake, and the session that comes of it, in pieces of `size` bytes. */
function accept(handshake: Handshake, bytes: Uint8Array, size: number): void {
  handshake.start();
  let { session } = handshake.push(new Uint8Array(0));
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = bytes.slice(at, at + size);
    if (session === undefined) session = handshake.push(chunk).session;
    else session.incoming.push(chunk);
    while (session?.incoming.next() !== undefined);
  }
  if (session === undefined) handshake.end();
  const error = session.incoming.end();
  if (error !== undefined) throw error;
  parseFeatures(session.features, "mac");
}

function opening(maxVersion: 1 | 2): WireTarget {
  const modes = [{}, secret];
  const seeds = modes.map((options) => {
    const { fromDialler, diallerSession } = converse(dialler({ maxVersion, ...options }), acceptor(options));
    const messages = [4, 5, 6].map((tag) => diallerSession!.outgoing.encode(tag, envelope));
    return concat(...fromDialler, ...messages);
  });
  return {
    name: `opening-v${maxVersion}`,
    seeds: [...seeds, ...seeds.map((seed) => seed.subarray(0, 400))],
    check: (bytes, origin) =>
      expectTyped(() => {
        for (const size of [bytes.length || 1, 3]) accept(acceptor(modes[origin % 2]!), bytes, size);
      }),
  };
}

/** Messages whose content is damaged before it is framed and sealed. */
const frames: WireTarget = {
  name: "frames",
  seeds: [envelope, new Uint8Array(0), pattern(300)],
  check: (bytes, origin) =>
    expectTyped(() => {
      for (const maxVersion of [1, 2] as const) {
        const options = origin === 0 ? secret : {};
        const pair = converse(dialler({ maxVersion, ...options }), acceptor(options));
        const incoming = pair.acceptorSession!.incoming;
        incoming.push(pair.diallerSession!.outgoing.encode(origin, bytes));
        // The same bytes once more, in place of a frame.
        incoming.push(bytes);
        while (incoming.next() !== undefined);
      }
    }),
};

const features: WireTarget = {
  name: "features",
  seeds: [
    unhex("0d7f040102ff8000010c010c00000cff8000020162013101610131"),
    unhex("0d7f040102ff8000010c010c00003dff8000030355494403313233044e616d6511303030303030303030303030303030"),
  ],
  check: (bytes) =>
    expectTyped(() => {
      const again = encodeDescribed(describeFeatures(bytes));
      if (hex(again) !== hex(bytes)) return "described and encoded, other bytes";
      const text = Buffer.from(bytes).toString("latin1");
      const keys = ["UID", "Name", "NickName", "ShortID", "ConnID", "Trusted", "PeerNameFlavour"];
      parseFeatures(new Map(keys.map((key) => [key, text])), bytes.length % 2 === 0 ? "mac" : "hash");
    }),
};

const envelopes: WireTarget = {
  name: "envelope",
  seeds: [
    envelope,
    encodeUnicast("", name, name, new Uint8Array(0)),
    encodeUnicast("ä".repeat(100), name, name, pattern(9)),
  ],
  check: (bytes) =>
    expectTyped(() => {
      for (const flavour of ["mac", "hash"] as const) {
        const message = concat(unhex("05"), bytes);
        if (hex(encodeDescribed(describeMessage(message, flavour))) !== hex(message)) {
          return "described and encoded, other bytes";
        }
        const reader = new EnvelopeReader(bytes, flavour);
        reader.channel();
        reader.peerName();
        reader.peerName();
        reader.payload();
      }
    }),
};

function topology(flavour: Flavour): WireTarget {
  const namesOf = (count: number): PeerName[] =>
    Array.from({ length: count }, (_, i) =>
      PeerName.fromUserInput(`00:00:00:00:01:${i.toString(16).padStart(2, "0")}`, flavour),
    );
  const own = PeerName.fromUserInput("00:00:00:00:00:01", flavour);
  const seeds = [2, 5, 20].map((count) => {
    const names = namesOf(count);
    return encodeUpdate(names.map((peer, i) => description(peer, [own, names[(i + 1) % count]!])));
  });
  return {
    name: `topology-${flavour}`,
    seeds,
    check: (bytes, origin) =>
      expectTyped(() => {
        const { peers } = meshOf({ name: own });
        peers.applyUpdate(seeds[origin]!);
        try {
          peers.applyUpdate(bytes);
        } finally {
          peers.garbageCollect();
          peers.encodeMessages([own]);
        }
      }),
  };
}

/** The bytes of a connection, in the order in which they are read. */
export const wireTargets: readonly WireTarget[] = [
  opening(1),
  opening(2),
  features,
  frames,
  envelopes,
  topology("mac"),
  topology("hash"),
];
