import test from "ava";
import fc from "fast-check";
import { MemoryBudget } from "../../src/capture/index.ts";
import { maxHistoryBytes } from "../../src/capture/stream-history.ts";
import {
  maxPendingBytes,
  maxPendingRanges,
  TcpDirection,
  windowBytes,
} from "../../src/capture/tcp-direction.ts";
import type { TcpSegment } from "../../src/capture/tcp-segment.ts";

/** A direction, and what came of it. */
class Heard {
  /** The bytes of the stream by their offset; undefined where they were lost. */
  readonly bytes: (number | undefined)[] = [];
  readonly notes: string[] = [];
  lost = 0;
  readonly budget: MemoryBudget;
  readonly direction: TcpDirection;

  constructor(budget = new MemoryBudget(64 * 1024 * 1024)) {
    this.budget = budget;
    this.direction = new TcpDirection(
      {
        data: (bytes) => {
          for (const byte of bytes) this.bytes.push(byte);
        },
        gap: (count) => {
          this.lost += count;
          if (count <= 1_000_000) for (let i = 0; i < count; i++) this.bytes.push(undefined);
        },
        note: (text) => void this.notes.push(text),
      },
      budget,
    );
  }
}

function segment(sequence: number, payload: Uint8Array, more: Partial<TcpSegment> = {}): TcpSegment {
  return {
    source: "",
    destination: "",
    sourcePort: 1,
    destinationPort: 2,
    sequence: sequence >>> 0,
    acknowledged: undefined,
    syn: false,
    fin: false,
    reset: false,
    urgent: false,
    payload,
    length: payload.length,
    ...more,
  };
}

const initials = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.constantFrom(0xfffffff0, 0xffffffff, 0),
);

/** A stream, and segments that hold all of it: cut anywhere, with repetitions and overlaps, in any order. */
const shredded = fc
  .uint8Array({ minLength: 1, maxLength: 400 })
  .chain((stream) =>
    fc.record({
      stream: fc.constant(stream),
      initial: initials,
      cuts: fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 40 }),
      extra: fc.array(
        fc.tuple(fc.integer({ min: 0, max: stream.length - 1 }), fc.integer({ min: 1, max: 60 })),
        { maxLength: 30 },
      ),
      order: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      withFin: fc.boolean(),
    }),
  )
  .map(({ stream, initial, cuts, extra, order, withFin }) => {
    const bounds = [...new Set([0, ...cuts, stream.length])].sort((a, b) => a - b);
    const ranges: [number, number][] = [];
    for (let i = 0; i + 1 < bounds.length; i++) ranges.push([bounds[i]!, bounds[i + 1]!]);
    for (const [from, length] of extra) ranges.push([from, Math.min(stream.length, from + length)]);
    const shuffled = ranges
      .map((range) => ({ range, key: order.next().value as number }))
      .sort((a, b) => a.key - b.key)
      .map(({ range }) => range);
    return { stream, initial, ranges: shuffled, withFin };
  });

test("direction: any segmentation, order, repetition and overlap of a stream gives the stream", (t) => {
  fc.assert(
    fc.property(shredded, ({ stream, initial, ranges, withFin }) => {
      const heard = new Heard();
      const { direction } = heard;
      direction.begin(initial);
      for (const [from, to] of ranges) {
        const fin = withFin && to === stream.length;
        direction.segment(segment(initial + 1 + from, stream.subarray(from, to), { fin }));
      }
      direction.acknowledge((initial + 1 + stream.length + (withFin ? 1 : 0)) >>> 0);
      if (direction.finished !== withFin) throw new Error("the FIN was not understood");
      direction.flush();
      if (heard.lost > 0 || heard.notes.length > 0) throw new Error(`${heard.lost} lost, ${heard.notes}`);
      if (Buffer.compare(Buffer.from(heard.bytes as number[]), stream) !== 0)
        throw new Error("another stream");
      if (heard.budget.used !== 0) throw new Error("memory was not given back");
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test("direction: segments that were not captured become gaps, and all other bytes keep their places", (t) => {
  fc.assert(
    fc.property(shredded, fc.infiniteStream(fc.boolean()), ({ stream, initial, ranges }, keep) => {
      const heard = new Heard();
      const captured = new Set<number>();
      heard.direction.begin(initial);
      for (const [from, to] of ranges) {
        if (!keep.next().value) continue;
        heard.direction.segment(segment(initial + 1 + from, stream.subarray(from, to)));
        for (let at = from; at < to; at++) captured.add(at);
      }
      heard.direction.acknowledge((initial + 1 + stream.length) >>> 0);
      heard.direction.flush();
      const expected = Array.from(stream, (byte, at) => (captured.has(at) ? byte : undefined));
      if (JSON.stringify(heard.bytes) !== JSON.stringify(expected)) throw new Error("another stream");
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test("direction: of copies that differ the first one counts, and each contradiction is noted", (t) => {
  fc.assert(
    fc.property(
      shredded,
      fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
      ({ stream, initial, ranges }, noise) => {
        const heard = new Heard();
        const first = new Map<number, number>();
        let contradictions = 0;
        heard.direction.begin(initial);
        for (const [from, to] of ranges) {
          // A segment of one byte may be a keep-alive probe.
          if (to - from < 2) continue;
          const copy = stream.slice(from, to).map((byte) => (noise.next().value === 0 ? byte ^ 1 : byte));
          heard.direction.segment(segment(initial + 1 + from, copy));
          let differs = false;
          for (const [index, byte] of copy.entries()) {
            const known = first.get(from + index);
            if (known === undefined) first.set(from + index, byte);
            else differs ||= known !== byte;
          }
          if (differs) contradictions++;
        }
        heard.direction.flush();
        for (const [at, byte] of heard.bytes.entries()) {
          if (byte !== first.get(at)) throw new Error(`another byte at ${at}`);
        }
        if (heard.notes.length < contradictions)
          throw new Error(`${heard.notes.length} of ${contradictions} noted`);
        if (contradictions === 0 && heard.notes.length > 0) throw new Error(heard.notes.join());
      },
    ),
    { numRuns: 500 },
  );
  t.pass();
});

const hello = Buffer.from("hello, all of you");

test("direction: a contradiction is noted with its offset and length, also in what was delivered", (t) => {
  const heard = new Heard();
  heard.direction.begin(99);
  heard.direction.segment(segment(100, hello));
  heard.direction.segment(segment(100, Buffer.from("hello, ALL OF you")));
  heard.direction.segment(segment(100, Buffer.from("hello, all of You, too")));
  t.is(Buffer.from(heard.bytes as number[]).toString(), "hello, all of you, too");
  t.deepEqual(heard.notes, [
    "6 retransmitted bytes at offset 7 differ from the first copy, which counts",
    "1 retransmitted byte at offset 14 differs from the first copy, which counts",
  ]);
});

test("direction: a keep-alive probe is no contradiction", (t) => {
  const heard = new Heard();
  heard.direction.begin(99);
  heard.direction.segment(segment(100, hello));
  heard.direction.segment(segment(100 + hello.length - 1, Uint8Array.of(0)));
  t.deepEqual(heard.notes, []);
  t.is(heard.bytes.length, hello.length);
});

test("direction: the last 64 KiB are compared with retransmissions, older bytes are not", (t) => {
  const heard = new Heard();
  heard.direction.begin(0);
  const stream = new Uint8Array(2 * maxHistoryBytes);
  for (let at = 0; at < stream.length; at += 1000)
    heard.direction.segment(segment(1 + at, stream.subarray(at, at + 1000)));
  t.is(heard.budget.used, maxHistoryBytes);
  heard.direction.segment(segment(1 + maxHistoryBytes - 10, new Uint8Array(10).fill(1)));
  t.deepEqual(heard.notes, []);
  heard.direction.segment(segment(1 + maxHistoryBytes, new Uint8Array(10).fill(1)));
  t.is(heard.notes.length, 1);
});

test("direction: behind a hole at most 4 MiB are pending, then the hole is given up", (t) => {
  const heard = new Heard();
  heard.direction.begin(0);
  const piece = new Uint8Array(60_000);
  const pieces = Math.floor(maxPendingBytes / piece.length);
  for (let i = 0; i < pieces; i++) heard.direction.segment(segment(11 + i * piece.length, piece));
  t.is(heard.bytes.length, 0);
  heard.direction.segment(segment(11 + pieces * piece.length, piece));
  t.is(heard.lost, 10);
  t.is(heard.bytes.length, 10 + (pieces + 1) * piece.length);
});

test("direction: at most 16,384 ranges are pending, then the first hole is given up", (t) => {
  const heard = new Heard();
  heard.direction.begin(0);
  for (let i = 0; i < maxPendingRanges; i++) heard.direction.segment(segment(2 + 2 * i, Uint8Array.of(7)));
  t.is(heard.lost, 0);
  heard.direction.segment(segment(2 + 2 * maxPendingRanges, Uint8Array.of(7)));
  t.is(heard.lost, 1);
  // Neighbours are one range.
  for (let i = 0; i < 5; i++)
    heard.direction.segment(segment(3 + 2 * maxPendingRanges + i, Uint8Array.of(7)));
  t.is(heard.lost, 1);
});

test("direction: without memory for pending bytes holes are given up and nothing else is lost", (t) => {
  const heard = new Heard(new MemoryBudget(20_000));
  heard.direction.begin(0);
  for (const at of [50_000, 10, 30_000, 100_000]) heard.direction.segment(segment(1 + at, hello));
  heard.direction.segment(segment(1 + 200_000, new Uint8Array(40_000).fill(9)));
  heard.direction.flush();
  t.true(heard.budget.limit >= heard.budget.used);
  t.is(heard.bytes.length, 240_000);
  t.is(heard.bytes.filter((byte) => byte === 9).length, 40_000);
  t.is(heard.budget.used, 0);
});

test("direction: segments outside of the window are noted and ignored", (t) => {
  for (const distance of [windowBytes + 1, -windowBytes - 5000, 2 ** 31 - 1]) {
    const heard = new Heard();
    heard.direction.begin(0);
    heard.direction.segment(segment(1, hello));
    const far = 1 + hello.length + distance;
    // Three in a row are too few, and two runs are no row.
    for (let i = 0; i < 3; i++) heard.direction.segment(segment(far + i * 10, new Uint8Array(10)));
    heard.direction.segment(segment(far + 1000, new Uint8Array(10)));
    heard.direction.segment(segment(far, new Uint8Array(10), { fin: true }));
    heard.direction.segment(segment(1 + hello.length, hello));
    t.is(heard.bytes.length, 2 * hello.length);
    t.is(heard.lost, 0);
    t.is(heard.notes.length, 3);
    t.regex(
      heard.notes[0]!,
      /^10 bytes \d+ bytes (after|before) the expected ones, outside of the window: ignored$/,
    );
    t.false(heard.direction.complete);
  }
});

test("direction: the stream goes on after a gap of any size once four segments in a row are acknowledged there", (t) => {
  const far = 1 + hello.length + 3_000_000_000;
  for (const [acknowledged, expected] of [
    [far + 5, true],
    [far + 500, false],
  ] as const) {
    const heard = new Heard();
    heard.direction.begin(0);
    heard.direction.segment(segment(1, hello));
    heard.direction.acknowledge(1 + hello.length);
    for (let i = 0; i < 4; i++) {
      if (i === 1) heard.direction.acknowledge(acknowledged >>> 0);
      heard.direction.segment(segment(far + 10 * i, new Uint8Array(10)));
    }
    t.is(heard.lost, expected ? 3_000_000_030 : 0);
  }
  const alone = new Heard();
  alone.direction.begin(0);
  alone.direction.segment(segment(1, hello));
  for (let i = 0; i < 4; i++) alone.direction.segment(segment(far + 10 * i, new Uint8Array(10)));
  t.is(alone.lost, 3_000_000_030, "where the other side was not captured, nothing contradicts");
});

test("direction: a FIN that bytes follow, or that contradicts another, is noted and ignored", (t) => {
  const heard = new Heard();
  heard.direction.begin(0);
  heard.direction.segment(segment(1 + hello.length - 3, new Uint8Array(0), { fin: true }));
  heard.direction.segment(segment(1, hello));
  heard.direction.segment(segment(2, new Uint8Array(0), { fin: true }));
  t.false(heard.direction.complete);
  heard.direction.segment(segment(1 + hello.length, new Uint8Array(0), { fin: true }));
  heard.direction.segment(segment(90 + hello.length, new Uint8Array(0), { fin: true }));
  t.true(heard.direction.complete);
  t.false(heard.direction.finished);
  heard.direction.acknowledge(2 + hello.length);
  t.true(heard.direction.finished);
  t.deepEqual(heard.notes, [
    "bytes follow the FIN at offset 14: the FIN is ignored",
    "a FIN at offset 1, before 16 bytes that came earlier: it is ignored",
    "a FIN at offset 106 contradicts the one at offset 17: it is ignored",
  ]);
});
