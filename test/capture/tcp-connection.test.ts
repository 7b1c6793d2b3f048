import test from "ava";
import { maxConnections, maxOpenSessions } from "../../src/capture/packet-source.ts";
import { maxNotes } from "../../src/capture/tcp-connection.ts";
import { outline, rawCapture, sessionsIn } from "./captured-sessions.ts";
import { ipPacket, pcapFile, type SegmentSpec } from "./packet-writer.ts";

const header = Buffer.from("weave\x01\x02", "latin1");
const bytes = (text: string) => Buffer.from(text, "latin1");

/** A connection whose segments are made one after the other. */
class Talk {
  readonly segments: SegmentSpec[] = [];
  readonly next: { dialler: number; listener: number };

  constructor(dialler = 1000, listener = 5000) {
    this.next = { dialler, listener };
    this.add("dialler", { flags: "S" });
    this.next.dialler++;
    this.add("listener", { flags: "SA" });
    this.next.listener++;
    this.say("dialler", header).say("listener", header);
  }

  /** Adds a segment with the right numbers, unless others are given. */
  add(side: "dialler" | "listener", more: Partial<SegmentSpec>): this {
    const other = side === "dialler" ? "listener" : "dialler";
    const isFirst = more.flags === "S";
    this.segments.push({
      fromDialler: side === "dialler",
      sequence: this.next[side],
      ...(!isFirst && { acknowledged: this.next[other] }),
      ...more,
    });
    return this;
  }

  say(side: "dialler" | "listener", payload: Uint8Array): this {
    this.add(side, { payload, flags: "PA" });
    this.next[side] += payload.length;
    return this;
  }

  fin(side: "dialler" | "listener"): this {
    this.add(side, { flags: "FA" });
    this.next[side]++;
    return this;
  }

  get sessions() {
    return sessionsIn(rawCapture(this.segments)).map(outline);
  }
}

const before = "weave\x01\x02before";
const whole = `${before} and after`;
const forged: readonly [title: string, segment: Partial<SegmentSpec>, note: RegExp][] = [
  [
    "a reset far outside of the window",
    { flags: "R", sequence: 2 ** 29 },
    /^a reset with a sequence number \d+ after/,
  ],
  [
    "a reset one byte after the expected one",
    { flags: "R", sequence: 1001 + 13 + 1 },
    /number 1 after the expected one: ignored, as RFC 5961 says$/,
  ],
  [
    "a reset one byte before the expected one",
    { flags: "RA", sequence: 1001 + 13 - 1 },
    /number 1 before the expected one/,
  ],
  [
    "a SYN with another number",
    { flags: "S", sequence: 77 },
    /^a SYN with sequence number 77, which is not this connection's: ignored$/,
  ],
  ["a SYN-ACK of the dialler", { flags: "SA", sequence: 77 }, /^a SYN-ACK with sequence number 77/],
  ["a FIN outside of the window", { flags: "FA", sequence: 2 ** 30 }, /outside of the window: ignored$/],
  ["bytes outside of the window", { payload: header, sequence: 2 ** 31 }, /outside of the window: ignored$/],
  [
    "other bytes in place of earlier ones",
    { payload: bytes("BEFORE"), sequence: 1001 + 7 },
    /^6 retransmitted bytes at offset 7 differ/,
  ],
  [
    "urgent data",
    { payload: bytes("before"), sequence: 1001 + 7, flags: "AU" },
    /^urgent data, which counts like any other$/,
  ],
];
for (const [title, segment, note] of forged) {
  test(`connection: ${title}: noted, and the session goes on to its real end`, (t) => {
    const talk = new Talk().say("dialler", bytes("before")).add("dialler", segment);
    talk.say("dialler", bytes(" and after")).fin("dialler").fin("listener").add("dialler", {});
    const [session, ...others] = talk.sessions;
    t.deepEqual(others, []);
    t.is(session?.dialler, whole);
    t.deepEqual(session?.ends, ["dialler fin", "listener fin"]);
    t.is(session?.notes.length, 1);
    t.regex(session!.notes[0]!, note);
  });
}

test("connection: a reset with exactly the next number ends the session; late segments begin none", (t) => {
  const talk = new Talk().say("dialler", bytes("before")).add("dialler", { flags: "R" });
  talk.say("dialler", bytes(" and after")).add("dialler", { payload: header, sequence: 1001 });
  const [session, ...others] = talk.sessions;
  t.deepEqual(others, []);
  t.is(session?.dialler, before);
  t.deepEqual(session?.ends, ["dialler reset"]);
});

test("connection: a reset after a FIN counts with the FIN's number and with the next one", (t) => {
  for (const counted of [0, 1]) {
    const talk = new Talk().say("dialler", bytes("before")).fin("dialler");
    talk.add("dialler", { flags: "R", sequence: talk.next.dialler - counted });
    t.deepEqual(talk.sessions[0]?.ends, ["dialler fin"]);
    t.deepEqual(talk.sessions[0]?.notes, []);
  }
});

test("connection: a reset from a side of which nothing was captured does not count", (t) => {
  const talk = new Talk();
  const onlyDialler = talk.segments.filter(({ fromDialler }) => fromDialler);
  const [session] = sessionsIn(
    rawCapture([
      ...onlyDialler,
      { fromDialler: false, sequence: 5, flags: "R" },
      { fromDialler: true, sequence: talk.next.dialler, payload: bytes("on") },
    ]),
  ).map(outline);
  t.is(session?.dialler, "weave\x01\x02on");
  t.deepEqual(session?.notes, [
    "a reset from a side of which nothing else was captured: ignored, as RFC 5961 says",
  ]);
});

test("connection: a repeated SYN and keep-alive probes are passed over", (t) => {
  const talk = new Talk();
  talk.segments.splice(1, 0, talk.segments[0]!);
  talk.add("dialler", { sequence: talk.next.dialler - 1, payload: Uint8Array.of(0) });
  talk.say("dialler", bytes("on"));
  t.deepEqual(talk.sessions, [
    {
      dialler: "weave\x01\x02on",
      listener: "weave\x01\x02",
      ends: ["dialler open", "listener open"],
      notes: [],
    },
  ]);
});

test("connection: a session whose beginning was not captured as packets begins with its bytes", (t) => {
  const talk = new Talk(0xffffffff - 3);
  t.is(sessionsIn(rawCapture(talk.segments.slice(2))).map(outline)[0]?.dialler, "weave\x01\x02");
});

test("connection: the same ports serve a new session after the end of the first one", (t) => {
  const first = new Talk().say("dialler", bytes("one")).fin("dialler").fin("listener").add("dialler", {});
  // Its number is near the old one.
  const second = new Talk(first.next.dialler + 10, 9_000_000).say("dialler", bytes("two"));
  const sessions = sessionsIn(rawCapture([...first.segments, ...second.segments])).map(outline);
  t.deepEqual(
    sessions.map(({ dialler }) => dialler),
    ["weave\x01\x02one", "weave\x01\x02two"],
  );
});

test("connection: the same ports serve a new session whose handshake is complete, though no end was captured", (t) => {
  const first = new Talk().say("dialler", bytes("one"));
  const second = new Talk(70_000, 90_000).say("dialler", bytes("two"));
  const sessions = sessionsIn(rawCapture([...first.segments, ...second.segments])).map(outline);
  t.deepEqual(
    sessions.map(({ dialler, ends }) => [dialler, ...ends]),
    [
      ["weave\x01\x02one", "dialler open", "listener open"],
      ["weave\x01\x02two", "dialler open", "listener open"],
    ],
  );
});

test("connection: a SYN with a SYN-ACK that does not fit, or without a third segment, is no new session", (t) => {
  for (const answer of [70_002, 70_001]) {
    const talk = new Talk().say("dialler", bytes("one"));
    talk.add("dialler", { flags: "S", sequence: 70_000 });
    talk.add("listener", { flags: "SA", sequence: 90_000, acknowledged: answer });
    if (answer === 70_002) talk.add("dialler", { sequence: 70_001, acknowledged: 90_001 });
    talk.say("dialler", bytes(" and on"));
    t.deepEqual(
      talk.sessions.map(({ dialler }) => dialler),
      ["weave\x01\x02one and on"],
      String(answer),
    );
  }
});

test("connection: of one side alone, a SYN and bytes that follow it are a new session", (t) => {
  const own = (talk: Talk) => talk.segments.filter(({ fromDialler }) => fromDialler);
  const sessions = sessionsIn(
    rawCapture([...own(new Talk()), ...own(new Talk(800_000).say("dialler", header))]),
  );
  t.is(sessions.length, 2);
});

test("connection: at most 100 notes are kept, and the last one says how many are left out", (t) => {
  const talk = new Talk();
  for (let i = 0; i < maxNotes + 20; i++) talk.add("dialler", { flags: "R", sequence: 2 ** 30 + i });
  const [session] = talk.sessions;
  t.is(session?.notes.length, maxNotes + 1);
  t.is(session?.notes.at(-1), "20 more notes are left out");
});

/** One packet of a connection of its own. */
function packetOf(index: number, spec: SegmentSpec): Buffer {
  const packet = ipPacket(spec);
  const isDialler = spec.fromDialler;
  packet.writeUInt16BE(10_000 + (index % 50_000), isDialler ? 20 : 22);
  packet.writeUInt16BE(0x0b00 + Math.floor(index / 50_000), isDialler ? 12 : 16);
  return packet;
}

test("connection: at most 4,096 open sessions are followed; idle ones end with a note, busy ones stay", (t) => {
  const packets: Buffer[] = [];
  const say = (index: number, sequence: number, payload: Uint8Array) =>
    packets.push(packetOf(index, { fromDialler: true, sequence, payload }));
  for (let index = 0; index <= maxOpenSessions; index++) {
    say(index, 1, header);
    // The first one goes on talking.
    if (index % 1000 === 999) say(0, 8 + Math.floor(index / 1000), bytes("x"));
  }
  say(0, 8 + Math.floor(maxOpenSessions / 1000), bytes("."));
  const sessions = sessionsIn(pcapFile(101, packets)).map(outline);
  t.is(sessions.length, maxOpenSessions + 1);
  t.is(sessions[0]?.dialler, "weave\x01\x02xxxx.");
  t.deepEqual(sessions[0]?.notes, []);
  const dropped = sessions.filter(({ notes }) => notes.length > 0);
  t.is(dropped.length, 1);
  t.deepEqual(dropped[0], sessions[1]);
  t.deepEqual(dropped[0]?.notes, ["too many connections at once: this one is followed no further"]);
});

test("connection: at most 65,536 connections are followed, those that are no sessions among them", (t) => {
  const packets: Buffer[] = [];
  const add = (index: number, payload: Uint8Array, sequence = 1) =>
    packets.push(packetOf(index, { fromDialler: true, sequence, payload }));
  // Four bytes do not tell whether it is a session.
  add(0, header.subarray(0, 4));
  for (let index = 1; index <= maxConnections; index++) add(index, bytes("GET /"));
  add(0, header.subarray(4), 5);
  t.throws(() => sessionsIn(pcapFile(101, packets)), { code: "no-session" });
  t.is(sessionsIn(pcapFile(101, [...packets.slice(0, -2), packets.at(-1)!])).length, 1);
});
