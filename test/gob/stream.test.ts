import test from "ava";
import * as gob from "../../src/gob/index.ts";
import { concat, fromHex, toHex } from "./hex.ts";
import { Features, PeerSummary, processStreams, type Step } from "./vectors.ts";

/** Reads as many of the steps as are complete. */
function readSteps(decoder: gob.Decoder, steps: readonly Step[], from = 0): unknown[] {
  const values: unknown[] = [];
  for (const { schema } of steps.slice(from)) {
    const result = decoder.read(schema);
    if (!result.done) break;
    values.push(result.value);
  }
  return values;
}

/** A small generator of numbers, the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}

test("stream: one table encodes what one Go process sends", (t) => {
  const types = new gob.TypeTable();
  for (const { name, steps, hex } of processStreams) {
    const encoder = new gob.Encoder({ types });
    const sent = concat(...steps.map(({ schema, value }) => encoder.encode(schema, value)));
    t.is(toHex(sent), toHex(fromHex(hex)), name);
  }
});

for (const { name, steps, hex } of processStreams) {
  const bytes = fromHex(hex);
  const expected = steps.map((step) => step.value);

  test(`stream: ${name}: decodes to the values`, (t) => {
    const decoder = new gob.Decoder();
    decoder.push(bytes);
    t.deepEqual(readSteps(decoder, steps), expected);
    t.true(decoder.atEnd());
    t.is(decoder.offset, bytes.length);
  });

  test(`stream: ${name}: the sender's types encode the same bytes again`, (t) => {
    const decoder = new gob.Decoder();
    decoder.push(bytes);
    const values = readSteps(decoder, steps);
    const encoder = new gob.Encoder({ types: decoder.types });
    const sent = steps.map(({ schema }, index) => encoder.encode(schema, values[index]));
    t.is(toHex(concat(...sent)), toHex(bytes));
  });

  test(`stream: ${name}: every prefix is a clean end, truncated or the values`, (t) => {
    const boundaries = new Set([0]);
    const whole = new gob.Decoder();
    whole.push(bytes);
    for (const { schema } of steps) {
      whole.read(schema);
      boundaries.add(whole.offset);
    }
    for (let length = 0; length < bytes.length; length++) {
      const decoder = new gob.Decoder();
      decoder.push(bytes.subarray(0, length));
      const values = readSteps(decoder, steps);
      t.deepEqual(values, expected.slice(0, values.length));
      decoder.end();
      const { schema } = steps[values.length]!;
      if (boundaries.has(length)) t.false(decoder.read(schema).done);
      else t.is(t.throws<gob.GobError>(() => decoder.read(schema))?.code, "truncated", `${length} bytes`);
    }
  });

  test(`stream: ${name}: chunks of any size give the same values`, (t) => {
    const pick = numbers(bytes.length);
    for (let round = 0; round < 20; round++) {
      const decoder = new gob.Decoder();
      const values: unknown[] = [];
      for (let at = 0; at < bytes.length; ) {
        const size = round === 0 ? 1 : 1 + pick(round * 4);
        // A chunk of its own, overwritten once its values were read: results must not share it.
        const chunk = bytes.slice(at, at + size);
        at += size;
        decoder.push(chunk);
        values.push(...readSteps(decoder, steps, values.length));
        if (decoder.atEnd()) chunk.fill(0xee);
      }
      t.deepEqual(values, expected);
      t.true(decoder.atEnd());
    }
  });
}

test("stream: newer Go gives ids from 64", (t) => {
  const types = new gob.TypeTable({ first: 64 });
  t.is(
    toHex(gob.encode(Features, new Map([["Trusted", "false"]]), { types })),
    "0d7f040102ff8000010c010c000012ff80000107547275737465640566616c7365",
  );
});

test("stream: bytes within a larger buffer are read in place", (t) => {
  const bytes = fromHex(processStreams[0]!.hex);
  const larger = new Uint8Array(bytes.length + 20).fill(0xaa);
  larger.set(bytes, 10);
  t.deepEqual(gob.decode(Features, larger.subarray(10, 10 + bytes.length)), new Map([["Trusted", "false"]]));
});

test("stream: need more is an answer, and the value comes with its last byte", (t) => {
  const bytes = fromHex(processStreams[0]!.hex);
  const decoder = new gob.Decoder();
  decoder.push(bytes.subarray(0, -1));
  t.deepEqual(decoder.read(Features), { done: false });
  t.false(decoder.atEnd());
  decoder.push(bytes.subarray(-1));
  t.deepEqual([...decoder.values(Features)], [new Map([["Trusted", "false"]])]);
  decoder.end();
  t.deepEqual(decoder.read(Features), { done: false });
});

test("stream: an encoder sends a definition once, and again after a value that failed", (t) => {
  const encoder = new gob.Encoder();
  const broken = { NameByte: new Uint8Array(), NickName: 7 } as unknown as gob.Infer<typeof PeerSummary>;
  const error = t.throws<gob.GobError>(() => encoder.encode(PeerSummary, broken));
  t.is(error?.path, "NickName");
  t.is(error?.code, "type-mismatch");
  const first = encoder.encode(PeerSummary, PeerSummary.zero());
  const second = encoder.encode(PeerSummary, PeerSummary.zero());
  t.true(first.length > 90);
  t.is(toHex(second), "03ff8200");
});

test("stream: a table with assigned ids gives them, and others around them", (t) => {
  const types = new gob.TypeTable().assign(Features, 65).assign(PeerSummary, 70);
  t.is(types.idOf(gob.slice(gob.string)), 66);
  t.is(types.idOf(PeerSummary), 70);
  t.is(types.idOf(gob.string), 6);
  t.deepEqual(
    [...types.entries()].map(([type, id]) => [type.text, id]),
    [
      ["map[string]string", 65],
      ["[]string", 66],
      ["main.peerSummary", 70],
    ],
  );
});
