import test from "ava";
import * as gob from "../../src/gob/index.ts";
import { PeerName } from "../../src/peer-name.ts";
import { seededRandom } from "../../src/transport/index.ts";
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
import { ascii, concat, hex, pattern, split, unhex } from "./bytes.ts";
import { acceptor, converse, dialler } from "./handshake-pair.ts";

const random = seededRandom("wire fuzz");

/** The bytes with a few of them changed, removed, doubled or inserted. */
function mutated(bytes: Uint8Array): Uint8Array {
  let result = bytes;
  for (let changes = 1 + random.int(4); changes > 0; changes--) {
    const at = random.int(result.length + 1);
    const head = result.subarray(0, at);
    switch (random.int(4)) {
      case 0:
        result = concat(head, Uint8Array.of(random.int(256)), result.subarray(at + 1));
        break;
      case 1:
        result = concat(head, result.subarray(at + random.int(8)));
        break;
      case 2:
        result = concat(head, result.subarray(Math.max(0, at - random.int(8))));
        break;
      default:
        result = concat(head, random.bytes(random.int(6)), result.subarray(at));
    }
  }
  return result;
}

for (const maxVersion of [1, 2] as const) {
  for (const password of [undefined, ascii("secret")]) {
    const options = password === undefined ? {} : { password };
    const mode = `version ${maxVersion}, ${password === undefined ? "plain" : "sealed"}`;

    test(`fuzz: a spoiled stream ends in a typed error or in silence (${mode})`, (t) => {
      const { fromDialler, diallerSession } = converse(
        dialler({ maxVersion, ...options }),
        acceptor(options),
      );
      const name = PeerName.parse("::1");
      const messages = [4, 5, 6].map((tag) =>
        diallerSession!.outgoing.encode(tag, encodeUnicast("c", name, name, pattern(40))),
      );
      const stream = concat(...fromDialler, ...messages);
      const codes = new Set<string>();
      for (let i = 0; i < 400; i++) {
        try {
          const handshake: Handshake = acceptor(options);
          handshake.start();
          let { session } = handshake.push(new Uint8Array(0));
          for (const chunk of split(mutated(stream), 100, String(i))) {
            if (session === undefined) session = handshake.push(chunk).session;
            else session.incoming.push(chunk);
            while (session?.incoming.next() !== undefined);
          }
          if (session === undefined) handshake.end();
          const error = session.incoming.end();
          if (error !== undefined) throw error;
          parseFeatures(session.features, "mac");
        } catch (error) {
          if (!(error instanceof HandshakeError || error instanceof FrameError)) throw error;
          codes.add(error.code);
        }
      }
      t.true(codes.size >= 4, [...codes].join());
    });
  }
}

for (const flavour of ["mac", "hash"] as const) {
  test(`fuzz: a spoiled envelope ends in a typed error, and every one can be described (${flavour})`, (t) => {
    const name = PeerName.fromUserInput("00:00:00:00:00:01", flavour);
    const good = encodeUnicast("channel", name, name, pattern(30));
    let failed = 0;
    for (let i = 0; i < 3000; i++) {
      const body = mutated(good);
      try {
        const reader = new EnvelopeReader(body, flavour);
        reader.channel();
        reader.peerName();
        reader.peerName();
        reader.payload();
        t.true(reader.offset <= body.length);
      } catch (error) {
        if (!(error instanceof EnvelopeError)) throw error;
        failed++;
      }
      const message = concat(unhex("05"), body);
      t.is(hex(encodeDescribed(describeMessage(message, flavour))), hex(message));
    }
    t.true(failed > 500);
  });
}

test("fuzz: an envelope is read as the gob decoder reads it", (t) => {
  const name = PeerName.parse("7a:9f:eb:b6:0c:6e");
  const good = encodeUnicast("channel", name, name, pattern(30));
  for (let i = 0; i < 3000; i++) {
    const body = mutated(good);
    const decoder = new gob.Decoder();
    decoder.push(body);
    const expected = attempt(() => {
      const channel = decoder.read(gob.string);
      const source = decoder.read(gob.uint64);
      const destination = decoder.read(gob.uint64);
      const payload = decoder.read(gob.bytes);
      if (!(channel.done && source.done && destination.done && payload.done)) throw new Error("truncated");
      const names = [source.value, destination.value].map((value) => PeerName.fromUint(value));
      return [channel.value, ...names, hex(payload.value)];
    });
    const got = attempt(() => {
      const reader = new EnvelopeReader(body, "mac");
      return [reader.channel(), reader.peerName(), reader.peerName(), hex(reader.payload())];
    });
    t.deepEqual(got, expected, hex(body));
  }
});

test("fuzz: spoiled features can be described, too", (t) => {
  const good = unhex("0d7f040102ff8000010c010c00000cff8000020162013101610131");
  for (let i = 0; i < 2000; i++) {
    const bytes = mutated(good);
    t.is(hex(encodeDescribed(describeFeatures(bytes))), hex(bytes));
  }
});

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
