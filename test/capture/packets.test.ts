import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import {
  CaptureError,
  type CaptureErrorCode,
  Dissector,
  type RecordedSession,
  SessionInspector,
} from "../../src/capture/index.ts";
import { seededRandom } from "../../src/transport/index.ts";
import { outline, rawCapture, sessionsIn } from "./captured-sessions.ts";
import { libraryFolder, packetsFolder, readSession, readUnpacked } from "./library.ts";
import { ipPacket, linkHeaders, pcapFile, pcapngFile, type SegmentSpec } from "./packet-writer.ts";

/** What the two sides said, each in its order. */
function conversation({ header, records }: RecordedSession): string {
  const said = { dialler: [] as string[], listener: [] as string[] };
  const { sessionKey: _key, dialler: _dialler, listener: _listener, ...rest } = header;
  const dissector = new Dissector({ header: { ...rest, dialler: {}, listener: {} } });
  for (const record of records) {
    for (const item of dissector.push(record)) {
      if ("bytes" in item) said[item.from].push(`${item.kind} ${Buffer.from(item.bytes).toString("hex")}`);
    }
  }
  return JSON.stringify(said);
}

const recorded = readSession(join(libraryFolder, "two-v2-plain.session.jsonl"));
const streams = { dialler: [] as Uint8Array[], listener: [] as Uint8Array[] };
for (const record of recorded.records) if ("bytes" in record) streams[record.from].push(record.bytes);

/** The recorded session as segments: its opening, one for each record, its end. */
function segments(): SegmentSpec[] {
  const next = { dialler: 0xffffff00, listener: 700 };
  const list: SegmentSpec[] = [
    { fromDialler: true, sequence: next.dialler++, flags: "S" },
    { fromDialler: false, sequence: next.listener++, flags: "SA", acknowledged: next.dialler },
  ];
  for (const record of recorded.records) {
    if (!("bytes" in record)) continue;
    const fromDialler = record.from === "dialler";
    const acknowledged = fromDialler ? next.listener : next.dialler;
    list.push({ fromDialler, sequence: next[record.from], payload: record.bytes, flags: "PA", acknowledged });
    next[record.from] += record.bytes.length;
  }
  list.push({ fromDialler: true, sequence: next.dialler, flags: "FA", acknowledged: next.listener });
  list.push({ fromDialler: false, sequence: next.listener, flags: "FA", acknowledged: next.dialler + 1 });
  return list;
}

test("packets: tcpdump's captures hold every session that the proxy saw, with the same messages", (t) => {
  const files = readdirSync(packetsFolder);
  const proxied = files
    .filter((file) => file.startsWith("proxy-"))
    .map((file) => readSession(join(packetsFolder, file)));
  t.is(proxied.length, 3);
  for (const file of files.filter((name) => name.includes(".pcap"))) {
    const found = sessionsIn(readUnpacked(join(packetsFolder, file))).map(conversation);
    // Once before the proxy and once behind it.
    t.is(found.length, 2 * proxied.length, file);
    for (const session of proxied) {
      t.is(
        found.filter((said) => said === conversation(session)).length,
        2,
        `${file} ${session.header.started}`,
      );
    }
  }
});

for (const [name, { linkType, before }] of Object.entries(linkHeaders)) {
  test(`packets: a session is found over ${name}`, (t) => {
    for (const version of [4, 6] as const) {
      const packets = segments().map((segment) =>
        Buffer.concat([before(version), ipPacket(segment, version)]),
      );
      const [session, ...others] = sessionsIn(pcapFile(linkType, packets));
      t.deepEqual(others, []);
      t.is(conversation(session!), conversation(recorded));
      const [host, other] = version === 4 ? ["10.0.0.1", "10.0.0.2"] : ["[fd00::1]", "[fd00::2]"];
      t.is(session?.header.dialler.address, `${host}:40000`);
      t.is(session?.header.listener.address, `${other}:6783`);
      t.deepEqual(
        session?.records
          .filter((record) => "end" in record)
          .map((record) => [record.from, "end" in record && record.end]),
        [
          ["dialler", "fin"],
          ["listener", "fin"],
        ],
      );
    }
  });
}

test("packets: all forms of pcap and pcapng are read, whole and in pieces of any size", (t) => {
  const packets = segments().map((segment) => ipPacket(segment, 6, true));
  const forms = [
    pcapFile(101, packets),
    pcapFile(101, packets, { big: true }),
    pcapFile(101, packets, { nanoseconds: true }),
    pcapFile(101, packets, { big: true, nanoseconds: true }),
    pcapngFile(101, packets),
    pcapngFile(101, packets, { big: true }),
  ];
  for (const [index, form] of forms.entries()) {
    for (const chunkBytes of [form.length, 1, 7, 1000]) {
      const [session] = sessionsIn(form, chunkBytes);
      t.is(conversation(session!), conversation(recorded), `form ${index} in pieces of ${chunkBytes}`);
      t.is(session?.header.started, "2020-09-13T12:26:40.001Z");
      t.is(session?.records[0]?.at, 2);
    }
  }
  t.is(conversation(sessionsIn(pcapngFile(101, packets, { simple: true }))[0]!), conversation(recorded));
});

test("packets: segments out of order, again and overlapping give the stream once, in order", (t) => {
  const list = segments();
  const [syn, synAck, ...rest] = list;
  const swapped = [...rest];
  for (let i = 0; i + 1 < swapped.length - 2; i += 2)
    [swapped[i], swapped[i + 1]] = [swapped[i + 1]!, swapped[i]!];
  const again = rest.flatMap((segment) => [segment, segment]);
  const overlapping = rest.flatMap((segment, index) => {
    const { payload, sequence } = segment;
    if (payload === undefined || payload.length < 3 || index === 0) return [segment];
    // The second half first, then all of it, with other bytes where it is known already.
    const half = payload.length >> 1;
    const changed = Uint8Array.from(payload, (byte, at) => (at >= half ? byte ^ 0xff : byte));
    return [
      { ...segment, sequence: sequence + half, payload: payload.subarray(half) },
      { ...segment, payload: changed.subarray(0, half + 1) },
    ];
  });
  for (const [name, form] of Object.entries({ swapped, again, overlapping })) {
    const [session, ...others] = sessionsIn(rawCapture([syn!, synAck!, ...form]));
    t.deepEqual(others, [], name);
    t.is(conversation(session!), conversation(recorded), name);
    t.is(outline(session!).notes.length > 0, name === "overlapping", name);
    t.false(
      session!.records.some((record) => "missing" in record),
      name,
    );
    const lengths = { dialler: 0, listener: 0 };
    for (const record of session!.records) if ("bytes" in record) lengths[record.from] += record.bytes.length;
    for (const side of ["dialler", "listener"] as const) {
      t.is(
        lengths[side],
        streams[side].reduce((sum, bytes) => sum + bytes.length, 0),
        `${name} ${side}`,
      );
    }
  }
});

test("packets: a segment that was not captured is a gap of its length, and the messages after it are read", (t) => {
  const list = segments();
  // The last but two is a message by itself.
  const lost =
    list.findLastIndex(({ fromDialler, payload }) => fromDialler && (payload?.length ?? 0) > 4) - 2;
  const size = list[lost]!.payload!.length;
  const [session] = sessionsIn(rawCapture(list.filter((_, index) => index !== lost)));
  const gaps = session!.records.filter((record) => "missing" in record);
  t.deepEqual(
    gaps.map((record) => "missing" in record && record.missing),
    [size],
  );
  const dissector = new Dissector({ header: session!.header });
  const kinds = session!.records.flatMap((record) => dissector.push(record)).map(({ kind }) => kind);
  const whole = new Dissector({ header: recorded.header });
  const expected = recorded.records.flatMap((record) => whole.push(record)).map(({ kind }) => kind);
  const count = (list: readonly string[], kind: string) => list.filter((other) => other === kind).length;
  t.true(count(kinds, "damage") > 0);
  t.true(count(kinds, "message") >= count(expected, "message") - 3);
});

test("packets: what the capture cut off a packet is a gap", (t) => {
  const packets = segments().map((segment) => ipPacket(segment));
  const [session] = sessionsIn(pcapFile(101, packets, { snapLength: 240 }));
  const missing = session!.records.reduce(
    (sum, record) => sum + ("missing" in record ? record.missing : 0),
    0,
  );
  t.is(
    missing,
    packets.reduce((sum, packet) => sum + Math.max(0, packet.length - 240), 0),
  );
});

test("packets: bytes that the other side acknowledged and that never came are a gap at the end", (t) => {
  const list = segments();
  const reset = list.slice(0, -2);
  const acknowledged = list.at(-1)!.acknowledged! - 1;
  const lastOfDialler = reset.findLastIndex(({ fromDialler }) => fromDialler);
  const size = reset[lastOfDialler]!.payload!.length;
  const [session] = sessionsIn(
    rawCapture([
      ...reset.filter((_, index) => index !== lastOfDialler),
      { fromDialler: false, sequence: list.at(-1)!.sequence, flags: "RA", acknowledged },
    ]),
  );
  t.deepEqual(
    session!.records
      .slice(-2)
      .map((record) => ("missing" in record ? record.missing : "end" in record ? record.end : "")),
    [size, "reset"],
  );
});

test("packets: the same ports twice are two sessions; other connections are none", (t) => {
  const list = segments();
  const later = list.map((segment) => ({
    ...segment,
    sequence: segment.sequence + 5_000_000,
    acknowledged: (segment.acknowledged ?? 0) + 5_000_000,
  }));
  const http: SegmentSpec[] = [
    { fromDialler: true, sequence: 1, flags: "S" },
    { fromDialler: false, sequence: 1, flags: "SA" },
    { fromDialler: true, sequence: 2, payload: Buffer.from("GET / HTTP/1.1\r\n\r\n") },
    { fromDialler: true, sequence: 20, flags: "R" },
  ];
  t.is(sessionsIn(rawCapture([...list, ...http, ...later])).length, 2);
  t.is(sessionsIn(rawCapture([...list.slice(0, -2), ...later])).length, 2);
});

const broken: readonly [title: string, file: () => Uint8Array, code: CaptureErrorCode, text: RegExp][] = [
  ["empty", () => new Uint8Array(0), "unknown-format", /^neither a session file nor a packet capture$/],
  [
    "of random bytes",
    () => Buffer.from("0123456789abcdef0123456789abcdef", "hex"),
    "unknown-format",
    /^neither/,
  ],
  [
    "cut in its header",
    () => rawCapture(segments()).subarray(0, 20),
    "truncated",
    /ends within its first header$/,
  ],
  [
    "cut in a packet",
    () => rawCapture(segments()).subarray(0, -5),
    "truncated",
    /ends within a packet, at offset \d+$/,
  ],
  [
    "of another version",
    () => Buffer.from("d4c3b2a10300040000000000000000000000040065000000", "hex"),
    "unknown-version",
    /version 3; known is 2/,
  ],
  [
    "without a session",
    () => rawCapture(segments().map((s) => ({ ...s, payload: new Uint8Array(5) }))),
    "no-session",
    /^no mesh session in \d+ packets/,
  ],
  ["without packets", () => pcapFile(1, []), "no-session", /^no mesh session in 0 packets/],
  [
    "of a huge packet",
    () => Buffer.concat([pcapFile(1, []), Buffer.alloc(16, 0x7f)]),
    "malformed",
    /packet of \d+ bytes/,
  ],
];
for (const [title, file, code, text] of broken) {
  test(`packets: a capture ${title} is refused`, (t) => {
    const error = t.throws(() => sessionsIn(file()), { instanceOf: CaptureError, message: text });
    t.is(error?.code, code);
  });
}

test("packets: a change of any byte of a capture gives sessions or a CaptureError", (t) => {
  const packets = segments().map((segment) => ipPacket(segment));
  const random = seededRandom("packets");
  for (const file of [pcapFile(101, packets), pcapngFile(101, packets)]) {
    for (let round = 0; round < 300; round++) {
      const changed = Uint8Array.from(file);
      for (let i = 0; i <= random.int(3); i++) changed[random.int(changed.length)] = random.int(256);
      try {
        for (const { header, records } of sessionsIn(changed)) {
          const inspector = new SessionInspector(header);
          for (const record of records) inspector.push(record);
          inspector.finish();
        }
      } catch (error) {
        if (!(error instanceof CaptureError)) throw error;
      }
    }
  }
  t.pass();
});

test("packets: a hole of a gigabyte takes no memory, and reading goes on after it", (t) => {
  const { header, records } = recorded;
  const inspector = new SessionInspector(header);
  const third = records.findIndex(
    (record) => "bytes" in record && record.from === "dialler" && record.bytes.length > 300,
  );
  const said = [
    ...records.slice(0, third),
    { at: 0, from: "dialler" as const, missing: 2 ** 30 },
    ...records.slice(third),
  ].flatMap((record) => inspector.push(record));
  said.push(...inspector.finish());
  t.true(said.some(({ view, item }) => item.from === "dialler" && view?.kind === "broadcast"));
});
