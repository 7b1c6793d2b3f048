import test from "ava";
import { maxHoleBytes, maxWaitingBytes } from "../../src/capture/direction-state.ts";
import { Dissector } from "../../src/capture/dissector.ts";
import {
  formatSessionRecord,
  KeyLogReader,
  KeyRing,
  MemoryBudget,
  makeSessionHeader,
  maxKeyLogLineBytes,
  maxNoteLength,
  Narrator,
  SessionInspector,
  SessionReader,
  type SessionRecord,
  summaryToJson,
} from "../../src/capture/index.ts";
import { KeyTable } from "../../src/capture/key-table.ts";
import { maxListedConnections, maxListedPeers } from "../../src/capture/narrator.ts";
import { maxRingTrialBytes, SessionKeys } from "../../src/capture/session-keys.ts";
import { maxLineBytes, maxTextLineBytes } from "../../src/capture/session-reader.ts";
import { maxTrafficKinds } from "../../src/capture/session-summary.ts";
import { maxNewsLines, TopologyKnowledge } from "../../src/capture/topology-knowledge.ts";
import { firstCredit, numbersTried, WorkCredit } from "../../src/capture/work-credit.ts";
import { PeerName } from "../../src/peer-name.ts";
import { encodeUpdate, type PeerDescription } from "../../src/topology/index.ts";
import { encodeBroadcast, Tag } from "../../src/wire/index.ts";

const wireHeader = makeSessionHeader({ layer: "wire", startedAt: 0, dialler: {}, listener: {} });
const plainHeader = makeSessionHeader({ layer: "plain", startedAt: 0, dialler: {}, listener: {} });
const headerLine = `${JSON.stringify(wireHeader)}\n`;

function read(...chunks: readonly (string | Uint8Array)[]): SessionRecord[] {
  const reader = new SessionReader();
  const records: SessionRecord[] = [];
  for (const chunk of chunks) {
    reader.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    for (const record of reader.records()) records.push(record);
  }
  reader.end();
  return records;
}

test("session file: a long line that is no record of bytes is refused at 1 MiB, without its end", (t) => {
  const beginning = `${headerLine}{"at":0,"from":"dialler","note":"`;
  t.throws(() => read(beginning, "x".repeat(maxTextLineBytes)), {
    code: "malformed",
    message: "line 2: longer than 1048576 bytes, and not a record of bytes",
  });
  const nested = `${headerLine}${"[".repeat(maxTextLineBytes + 1)}\n`;
  t.throws(() => read(nested), { code: "malformed", message: /^line 2: longer than/ });
  t.throws(() => read("[".repeat(1000)), { code: "unknown-format" });
  t.throws(() => read(`{"format":"weave-mesh-session",${" ".repeat(maxTextLineBytes)}`), {
    code: "unknown-format",
  });
  t.throws(() => read(`{"format":"weave-mesh-session",${" ".repeat(maxTextLineBytes)}"version":1}\n`), {
    code: "unknown-format",
  });
});

test("session file: a record of bytes may be as long as the longest message, and no longer", (t) => {
  const beginning = '{"at":0,"from":"dialler","bytes":"';
  const piece = Buffer.alloc(1024 * 1024 - 1, "a");
  const reader = new SessionReader();
  reader.push(Buffer.from(headerLine + beginning));
  t.is(reader.next(), undefined);
  for (let length = 0; length + piece.length < maxLineBytes - 100; length += piece.length) {
    reader.push(piece);
    t.is(reader.next(), undefined);
  }
  reader.push(piece);
  t.throws(() => reader.next(), { code: "malformed", message: `line 2: longer than ${maxLineBytes} bytes` });
});

test("session file: a record of bytes is read in pieces cut anywhere", (t) => {
  const record = {
    at: 1.5,
    from: "listener",
    bytes: Uint8Array.from({ length: 3000 }, (_, i) => i),
  } as const;
  const text = headerLine + formatSessionRecord(record);
  for (const size of [1, 7, 100, 1001]) {
    const chunks = [];
    for (let at = 0; at < text.length; at += size) chunks.push(text.slice(at, at + size));
    t.deepEqual(read(...chunks), [record], String(size));
  }
  // Other forms of the same JSON are read, too.
  t.deepEqual(read(`${headerLine}{"bytes":"00ff", "from":"dialler","at":2}\n`), [
    { at: 2, from: "dialler", bytes: Uint8Array.of(0, 255) },
  ]);
  for (const digits of ["0", "0g", "é0"])
    t.throws(() => read(`${headerLine}{"at":0,"from":"dialler","bytes":"${digits}"}\n`), {
      code: "malformed",
    });
});

for (const [field, value] of [
  ["title", 7],
  ["made", { by: { toString: 1 } }],
  ["protocol", 3],
  ["dialler", { address: { toString: 1 } }],
] as const) {
  test(`session file: a header whose "${field}" is of another type is refused`, (t) => {
    const line = JSON.stringify({ ...wireHeader, [field]: value });
    const error = t.throws(() => read(`${line}\n`), { code: "malformed" });
    t.regex(error!.message, /^line 1: /);
  });
}

test("session file: notes are read again up to 1,024 characters", (t) => {
  const note = { at: 0, from: "dialler", note: "é".repeat(maxNoteLength) } as const;
  t.deepEqual(read(headerLine + formatSessionRecord(note)), [note]);
  const long = { ...note, note: `${note.note}x` };
  t.throws(() => read(headerLine + formatSessionRecord(long)), {
    message: 'line 2: "note" is longer than 1024',
  });
});

test("key log: of a line only the first 4 KiB are kept, and what follows it is read", (t) => {
  const ring = new KeyRing();
  const reader = new KeyLogReader(ring);
  const key = "ab".repeat(32);
  const line = `WEAVE_MESH_SESSION_KEY 0000000000000001 ${key}`;
  reader.push(Buffer.from("# "));
  for (let i = 0; i < 100; i++) reader.push(Buffer.alloc(maxKeyLogLineBytes, "c"));
  reader.push(
    Buffer.from(`\n${line} ${"x".repeat(maxKeyLogLineBytes)}\n${" ".repeat(maxKeyLogLineBytes)}${line}x\n`),
  );
  t.is(ring.size, 1);
  const error = t.throws(() => reader.push(Buffer.from("WEAVE_MESH_SESSION_KEY x\n")), {
    code: "malformed-key-log",
  });
  t.regex(error!.message, /^line 4: not a key log line$/);
});

test("key log: a ring finds each of many keys, keeps each once and in order, and gives those added since", (t) => {
  const table = new KeyTable(32, 0x12345678);
  const key = (number: number) => {
    const bytes = new Uint8Array(32);
    new DataView(bytes.buffer).setUint32(28, number);
    return bytes;
  };
  for (const _round of [1, 2]) for (let i = 0; i < 10_000; i++) table.set(key(i));
  t.is(table.count, 10_000);
  for (let i = 0; i < 10_000; i += 99) t.deepEqual(table.at(i), key(i));
  t.deepEqual(table.get(key(77)), key(77));
  t.is(table.get(key(10_000)), undefined);
  const ring = new KeyRing();
  for (let i = 0; i < 5; i++) ring.addSessionKey(key(i));
  t.deepEqual([...ring.candidates(undefined, undefined, 3)], [key(3), key(4)]);
});

test("dissector: what waits for the other side is given up beyond 16 MiB", (t) => {
  const dissector = new Dissector({ header: wireHeader });
  const piece = new Uint8Array(1024 * 1024);
  const items = dissector.push({ at: 0, from: "dialler", bytes: Buffer.from("weave\x01\x02", "latin1") });
  let pushed = 0;
  while (!items.some(({ kind }) => kind === "damage") && pushed < 2 * maxWaitingBytes) {
    for (const item of dissector.push({ at: 0, from: "dialler", bytes: piece })) items.push(item);
    pushed += piece.length;
  }
  t.is(pushed, maxWaitingBytes + piece.length);
  t.regex(JSON.stringify(items.at(-1)), /17825792 bytes that cannot be read without the other side's/);
});

test("dissector: incomplete messages of sessions that are read together share a budget", (t) => {
  const unread = new MemoryBudget(100_000);
  const header = { at: 0, bytes: Buffer.from("weave\x01\x02", "latin1") };
  const key = { at: 0, bytes: Uint8Array.of(0) };
  const sessions = [1, 2].map(() => {
    const dissector = new Dissector({ header: wireHeader, unread });
    for (const record of [header, key])
      for (const from of ["dialler", "listener"] as const) dissector.push({ ...record, from });
    return dissector;
  });
  const partial = new Uint8Array(60_000);
  new DataView(partial.buffer).setUint32(0, 1_000_000);
  t.deepEqual(sessions[0]!.push({ at: 0, from: "dialler", bytes: partial }), []);
  const [item] = sessions[1]!.push({ at: 0, from: "dialler", bytes: partial });
  t.like(item, {
    kind: "damage",
    reason: "60000 bytes unread: incomplete messages exceed 100000 bytes in all",
  });
  for (const session of sessions) session.finish();
  t.is(unread.used, 0);
});

test("dissector: the work that damage causes is in proportion to the bytes", (t) => {
  const credit = new WorkCredit();
  const size = firstCredit / numbersTried;
  t.true(credit.takeTrials(size));
  t.false(credit.takeTrials(1));
  credit.add(1);
  t.true(credit.takeTrials(1));
  t.false(credit.takeTrials(1));
});

test("dissector: lost bytes are kept as zeros up to the credit, and beyond it jumped over", (t) => {
  const bytes = (from: "dialler" | "listener", text: string) =>
    ({ at: 0, from, bytes: Buffer.from(text, "latin1") }) as const;
  const unread = new MemoryBudget(firstCredit);
  const dissector = new Dissector({ header: wireHeader, unread });
  for (const from of ["dialler", "listener"] as const) dissector.push(bytes(from, "weave\x01\x02\0"));
  let kept = 0;
  for (let i = 0; i < 40; i++) {
    // The beginning of a message that is longer than the hole.
    dissector.push(bytes("dialler", "\0\x10\0\0\x03"));
    dissector.push({ at: 0, from: "dialler", missing: 0xffff0 });
    if (unread.used > 0xffff0) kept++;
    dissector.push({ at: 0, from: "dialler", missing: maxHoleBytes + 1 });
  }
  t.is(kept, 32);
});

/** A peer with connections to others. */
function described(number: number, connections: number, text = "10.0.0.1:6783"): PeerDescription {
  return {
    name: PeerName.fromUint(number),
    nickName: text,
    uid: 1n,
    version: 1n,
    shortId: 0,
    hasShortId: false,
    connections: Array.from({ length: connections }, (_, other) => ({
      name: PeerName.fromUint(other + 1),
      remoteAddress: text,
      outbound: true,
      established: true,
    })),
  };
}

test("knowledge: beyond its memory peers are told of, but not remembered", (t) => {
  const budget = new MemoryBudget(100_000);
  const knowledge = new TopologyKnowledge(budget);
  const all = Array.from({ length: 400 }, (_, number) => described(number + 1, 0));
  t.is(knowledge.apply(encodeUpdate(all), "mac").news.length, 400);
  t.true(budget.used <= budget.limit && budget.used > 90_000);
  t.is(knowledge.peers.length + knowledge.unremembered, 400);
  t.is(knowledge.apply(encodeUpdate(all.slice(0, 10)), "mac").repeated, 10);
  knowledge.release();
  t.is(budget.used, 0);
});

test("knowledge: the news of one update are at most 10,000 lines, and each is short", (t) => {
  const knowledge = new TopologyKnowledge();
  const { news } = knowledge.apply(encodeUpdate([described(1, 20_000)]), "mac");
  t.is(news.length, maxNewsLines);
  t.is(news.at(-1), `and ${20_001 - maxNewsLines + 1} more pieces of news`);
  const long = knowledge.apply(encodeUpdate([described(2, 3, "x".repeat(100_000))]), "mac");
  for (const line of long.news) t.true(line.length < 1200, line);
});

test("summary: at most 1,000 kinds of traffic are counted by themselves", (t) => {
  const inspector = new SessionInspector(plainHeader);
  const say = (channel: string) => {
    const message = Buffer.concat([
      Uint8Array.of(Tag.broadcast),
      encodeBroadcast(channel, PeerName.fromUint(1), Uint8Array.of(1)),
    ]);
    inspector.push({ at: 0, from: "dialler", part: "message", bytes: message });
  };
  for (let i = 0; i < maxTrafficKinds + 50; i++) say(`channel ${i}`);
  say("x".repeat(100_000));
  const { channels } = inspector.summary;
  t.is(channels.length, maxTrafficKinds + 1);
  t.like(channels.at(-1), { kind: "others", channel: "", messages: 51, payloadBytes: 51 });
});

test("key log: more keys than a ring holds are refused", (t) => {
  const ring = new KeyRing(2);
  const key = (fill: number) => new Uint8Array(32).fill(fill);
  for (const fill of [1, 2]) ring.addSessionKey(key(fill)).addSecretKey(key(fill), key(fill));
  t.throws(() => ring.addSessionKey(key(3)), { code: "too-many-keys" });
  t.throws(() => ring.addSecretKey(key(3), key(3)), { code: "too-many-keys" });
  t.is(ring.size, 4);
});

test("keys: a message is not tried on more keys than 4 GiB of trials allow, and each key is tried once", (t) => {
  const asked: number[] = [];
  const ring = {
    size: 2 ** 30,
    sessionKeyCount: 2 ** 30,
    candidates(_own: unknown, _other: unknown, from: number): Uint8Array[] {
      asked.push(from);
      return [];
    },
  };
  const keys = new SessionKeys(wireHeader, ring as unknown as KeyRing);
  keys.open(new Uint8Array(maxRingTrialBytes / 2 ** 30 + 1), "dialler", 1);
  t.deepEqual(asked, []);
  for (let i = 0; i < 3; i++) keys.open(new Uint8Array(maxRingTrialBytes / 2 ** 30), "dialler", 1);
  t.deepEqual(asked, [0]);
  ring.size++;
  keys.open(new Uint8Array(1), "dialler", 1);
  t.deepEqual(asked, [0, 2 ** 30]);
});

test("summary: at most 10,000 peers, and 100 connections of each in JSON, are listed, and the others counted", (t) => {
  const inspector = new SessionInspector(plainHeader);
  const peers = Array.from({ length: maxListedPeers + 7 }, (_, number) =>
    described(number + 1, number === 0 ? maxListedConnections + 50 : 0),
  );
  const update = encodeBroadcast("topology", PeerName.fromUint(1), encodeUpdate(peers));
  const bytes = Buffer.concat([Uint8Array.of(Tag.broadcast), update]);
  inspector.push({ at: 0, from: "dialler", part: "message", bytes });
  inspector.finish();
  const json = summaryToJson(inspector, 1) as { peers: { connections: unknown[] }[] };
  t.like(json, { peersLeftOut: 7 });
  t.is(json.peers.length, maxListedPeers);
  t.is(json.peers[0]?.connections.length, maxListedConnections);
  t.regex(new Narrator(inspector).closing(), /\n {2}peer {7}7 more\n/);
});
